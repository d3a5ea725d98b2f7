using Lofizone.Fuse;

namespace Lofizone.Lofi;

/// <summary>An image opened and locked at its store, by an engine.</summary>
internal interface IEngineStore : IAsyncDisposable
{
    /// <summary>What the device reads and writes.</summary>
    IBlockFile File { get; }

    /// <summary>How it is going; called from any thread, never waits.</summary>
    /// <param name="since">When the engine started serving.</param>
    EngineStatus Status(DateTimeOffset since);

    /// <summary>Stores what is not stored yet, unlocks and closes. After a failure it may be called again.</summary>
    /// <exception cref="IOException">Not everything could be stored.</exception>
    Task CloseAsync(CancellationToken cancellation);
}

/// <summary>An image mounted on a file of this host by an engine.</summary>
internal interface IEngineMount : IAsyncDisposable
{
    /// <summary>Ends when the mount is gone, whoever took it away.</summary>
    Task Completion { get; }

    /// <summary>Takes the mount away as soon as no loop device or program uses the file; until then it is served, also when the wait is cancelled.</summary>
    Task UnmountAsync(CancellationToken cancellation);
}
