using System.Globalization;
using Lofizone.Interop;

namespace Lofizone.Programs;

/// <summary>
/// Makes <see cref="IKernelCalls"/> in a child process, which is this program in another role. A process with one thread that waits in the
/// kernel can't end, and its terminal and locks wait with it. A child that still waits is left behind.
/// </summary>
/// <param name="programs">Starts the child.</param>
/// <param name="binary">Path of this program.</param>
public sealed class KernelCalls(IProgramRunner programs, string binary) : IKernelCalls
{
    /// <summary>First argument of the child process.</summary>
    public const string Verb = "kernel-call";

    private const string MountCall = "mount", UnmountCall = "umount", FlushCall = "fsync";

    /// <summary>
    /// Exit code of a child with wrong arguments. The other exit codes are error numbers, which are all smaller (asm-generic/errno.h).
    /// </summary>
    private const int WrongUsage = 255;

    /// <summary>The largest error number of Linux (asm-generic/errno.h).</summary>
    private const int LastErrno = 133;

    public Task MountAsync(
        string source, string target, string fileSystemType, MountFlags flags, string? data, CancellationToken cancellation) =>
        RunAsync(
            [MountCall, target, source, fileSystemType, ((ulong)flags).ToString(CultureInfo.InvariantCulture), data ?? ""], cancellation);

    public Task UnmountAsync(string target, UnmountFlags flags, CancellationToken cancellation) =>
        RunAsync([UnmountCall, target, ((int)flags).ToString(CultureInfo.InvariantCulture)], cancellation);

    public Task FlushAsync(string device, CancellationToken cancellation) => RunAsync([FlushCall, device], cancellation);

    /// <summary>Runs the child: makes one call. The exit code is the error number.</summary>
    public static Task<int> ServeAsync(string[] arguments)
    {
        try
        {
            return Task.FromResult(Serve(arguments));
        }
        catch (LinuxException error)
        {
            return Task.FromResult((int)error.Errno);
        }
    }

    private static int Serve(string[] arguments)
    {
        switch (arguments)
        {
            case [MountCall, { } target, { } source, { } type, { } flags, { } data] when ulong.TryParse(
                flags, CultureInfo.InvariantCulture, out ulong bits):
                Mount.Attach(source, target, type, (MountFlags)bits, data.Length > 0 ? data : null);
                return 0;
            case [UnmountCall, { } target, { } flags] when int.TryParse(flags, CultureInfo.InvariantCulture, out int bits):
                Mount.Detach(target, (UnmountFlags)bits);
                return 0;
            case [FlushCall, { } device]:
                using (FileDescriptor open = Files.Open(device, OpenFlags.ReadWrite))
                    FileContent.Sync(open);
                return 0;
            default:
                return WrongUsage;
        }
    }

    /// <param name="call">The arguments of <see cref="Serve"/>: the call's name, its object, and further arguments.</param>
    /// <param name="cancellation">Ends the wait, and leaves the child behind.</param>
    private async Task RunAsync(string[] call, CancellationToken cancellation)
    {
        ProgramResult result = await programs.RunAsync(new ProgramCall(binary, [Verb, .. call]), cancellation);
        if (result.ExitCode is > 0 and <= LastErrno)
            throw new LinuxException((Errno)result.ExitCode, call[0], call[1]);
        if (result.ExitCode != 0)
            throw new LofizoneException(
                $"{call[0]} {call[1]}: the process that does it ended with exit code {result.ExitCode}: {result.Error.Trim()}",
                "run again");
    }
}
