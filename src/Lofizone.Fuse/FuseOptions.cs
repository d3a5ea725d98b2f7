using Lofizone.Interop;
using Lofizone.Observation;

namespace Lofizone.Fuse;

/// <summary>How a file is served.</summary>
public sealed record FuseOptions
{
    /// <summary>Threads that read requests, 1 to 16, each on a descriptor of its own.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>
    /// Descriptors of /dev/fuse to serve on, one for each thread: not bound to anything yet for a mount, those of the mount for a resume.
    /// Another process that holds them too can have the file served on when this one is killed. Null: opened as needed.
    /// </summary>
    public IReadOnlyList<FileDescriptor>? Descriptors { get; init; }

    /// <summary>Shown as the source in /proc/mounts.</summary>
    public string Source { get; init; } = "lofizone";

    /// <summary>How long <see cref="FuseServer.DisposeAsync"/> lets users of the file finish before it aborts the connection.</summary>
    public TimeSpan DisposeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Measures <see cref="DisposeTimeout"/> and the pauses of an unmount.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Told of every request that failed unexpectedly: what it was, and why. It is answered with EIO in any case.</summary>
    public Action<string, Exception>? OnError { get; init; }

    /// <summary>Sees every request and reply; null when nobody wants to.</summary>
    public IMessageTap? Tap { get; init; }
}
