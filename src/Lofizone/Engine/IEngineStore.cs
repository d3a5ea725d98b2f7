using Lofizone.Fuse;
using Lofizone.Observation;

namespace Lofizone.Engine;

/// <summary>An image that an engine has opened and locked at its store.</summary>
internal interface IEngineStore : IAsyncDisposable
{
    /// <summary>The file that the device reads and writes.</summary>
    IBlockFile File { get; }

    /// <summary>The store's status. Any thread may call this; never waits.</summary>
    /// <param name="since">Time at which the engine started serving.</param>
    EngineStatus Status(DateTimeOffset since);

    /// <summary>
    /// The counters of the store's layers (<see cref="EngineStatistics.Engine"/>, Nfs and Paths). Any thread may call this; never waits.
    /// </summary>
    EngineStatistics Statistics() => new();

    /// <summary>The limits of the device's requests. Any thread may set them; requests that wait go on by the new limits.</summary>
    IoLimits Limits
    {
        get => default;
        set { }
    }

    /// <summary>Completes when the image is lost to another host. The engine then never reads or writes the image again.</summary>
    Task<EngineFence> Fenced => _never;

    /// <summary>Called when writing begins to wait for room on the share, and (with null) when writing goes on.</summary>
    Action<EngineHold?> OnHold
    {
        set { }
    }

    private static readonly Task<EngineFence> _never = new TaskCompletionSource<EngineFence>().Task;

    /// <summary>Asks the server for a sign of life.</summary>
    Task<bool> AnswersAsync(TimeSpan limit) => Task.FromResult(true);

    /// <summary>Stores the remaining data, unlocks and closes. May be called again after a failure.</summary>
    /// <exception cref="IOException">Some data could not be stored.</exception>
    Task CloseAsync(CancellationToken cancellation);
}

/// <summary>Writing waits for room on the share.</summary>
/// <param name="Since">Time at which the wait began.</param>
/// <param name="Because">The reason, in the server's words.</param>
internal sealed record EngineHold(DateTimeOffset Since, string Because);

/// <summary>An image mounted on a file of this host by an engine.</summary>
internal interface IEngineMount : IAsyncDisposable
{
    /// <summary>Completes when the mount is gone, whichever process has taken it away.</summary>
    Task Completion { get; }

    /// <summary>Requests of the kernel by opcode, for <see cref="EngineStatistics.Fuse"/>.</summary>
    IReadOnlyList<OperationFigures> Statistics() => [];

    /// <summary>
    /// Takes the mount away when no loop device or program uses the file. Until then the file is served, also when the wait is cancelled.
    /// </summary>
    Task UnmountAsync(CancellationToken cancellation);
}
