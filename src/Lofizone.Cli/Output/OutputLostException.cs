using Lofizone.Interop;

namespace Lofizone.Cli.Output;

/// <summary>Standard output can't be written: its reader is gone, its disk is full, or it was closed from the start.</summary>
internal sealed class OutputLostException(Errno errno) : IOException($"standard output can't be written: {LinuxException.Describe(errno)}")
{
    /// <summary>True for a pipe that has no reader any more.</summary>
    public bool HasNoReader { get; } = errno == Errno.EPIPE;
}
