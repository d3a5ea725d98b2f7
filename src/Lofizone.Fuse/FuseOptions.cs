using Lofizone.Interop;
using Lofizone.Observation;

namespace Lofizone.Fuse;

/// <summary>Options for serving a file.</summary>
public sealed record FuseOptions
{
    /// <summary>Number of threads that read requests, 1 to 16, each on a descriptor of its own.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>
    /// Descriptors of /dev/fuse to serve on, one for each thread. For a mount the descriptors are not bound to a file system yet; for a
    /// resume they are those of the mount. Another process that holds the descriptors too can start a successor when this process is
    /// killed. Null: descriptors are opened as needed.
    /// </summary>
    public IReadOnlyList<FileDescriptor>? Descriptors { get; init; }

    /// <summary>Source of the mount in /proc/mounts.</summary>
    public string Source { get; init; } = "lofizone";

    /// <summary>Time that <see cref="FuseServer.DisposeAsync"/> gives users of the file before it aborts the connection.</summary>
    public TimeSpan DisposeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Clock for <see cref="DisposeTimeout"/> and the pauses of an unmount.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>
    /// Called for every request that failed unexpectedly, with a description of the request and the reason. The request is answered with
    /// EIO in any case.
    /// </summary>
    public Action<string, Exception>? OnError { get; init; }

    /// <summary>Gets every request and reply; null without a trace.</summary>
    public IMessageTap? Tap { get; init; }
}
