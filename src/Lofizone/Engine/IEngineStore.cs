using Lofizone.Fuse;
using Lofizone.Observation;

namespace Lofizone.Engine;

/// <summary>An image opened and locked at its store, by an engine.</summary>
internal interface IEngineStore : IAsyncDisposable
{
    /// <summary>What the device reads and writes.</summary>
    IBlockFile File { get; }

    /// <summary>How it is going; called from any thread, never waits.</summary>
    /// <param name="since">When the engine started serving.</param>
    EngineStatus Status(DateTimeOffset since);

    /// <summary>
    /// What was counted at the layers of the store (<see cref="EngineStatistics.Engine"/>, Nfs and Paths); called as <see cref="Status"/>.
    /// </summary>
    EngineStatistics Statistics() => new();

    /// <summary>Completes if the image is lost to another host: nothing is read or written through it any more.</summary>
    Task<EngineFence> Fenced => _never;

    /// <summary>Told when writing begins to wait for room on the share, and (with null) when it goes on.</summary>
    Action<EngineHold?> OnHold
    {
        set { }
    }

    private static readonly Task<EngineFence> _never = new TaskCompletionSource<EngineFence>().Task;

    /// <summary>Asks the server for a sign of life.</summary>
    Task<bool> AnswersAsync(TimeSpan limit) => Task.FromResult(true);

    /// <summary>Stores what is not stored yet, unlocks and closes. After a failure it may be called again.</summary>
    /// <exception cref="IOException">Not everything could be stored.</exception>
    Task CloseAsync(CancellationToken cancellation);
}

/// <summary>Writing waits for room on the share.</summary>
/// <param name="Since">Since when.</param>
/// <param name="Because">Why, in the server's words.</param>
internal sealed record EngineHold(DateTimeOffset Since, string Because);

/// <summary>An image mounted on a file of this host by an engine.</summary>
internal interface IEngineMount : IAsyncDisposable
{
    /// <summary>Ends when the mount is gone, whoever took it away.</summary>
    Task Completion { get; }

    /// <summary>Requests of the kernel by opcode, for <see cref="EngineStatistics.Fuse"/>.</summary>
    IReadOnlyList<OperationFigures> Statistics() => [];

    /// <summary>
    /// Takes the mount away as soon as no loop device or program uses the file; until then it is served, also when the wait is cancelled.
    /// </summary>
    Task UnmountAsync(CancellationToken cancellation);
}
