using System.Globalization;
using Lofizone.Basics;
using Lofizone.Interop;

namespace Lofizone.Programs;

/// <summary>
/// Makes <see cref="IKernelCalls"/> in child processes, which are this program in another role. A process with one thread that waits in the
/// kernel can't end, and its terminal and locks wait with it. A child that still waits is left behind. A child that has answered makes the
/// next call, too. The child ends with this process.
/// </summary>
/// <param name="programs">Finds the program.</param>
/// <param name="binary">Path of this program.</param>
public sealed class KernelCalls(IProgramRunner programs, string binary) : IKernelCalls
{
    /// <summary>First argument of the child process.</summary>
    public const string Verb = "kernel-call";

    private const string MountCall = "mount", UnmountCall = "umount", FlushCall = "fsync";

    /// <summary>Answer to a call that is none. The other answers are error numbers, which are all smaller (asm-generic/errno.h).</summary>
    private const byte WrongCall = 255;

    private readonly Pool<PipedProgram> _children = new(() => PipedProgram.Start(programs, binary, Verb));

    /// <summary>Starts a child for the next call, so that the call need not wait for the start.</summary>
    public void Prepare() => _children.Return(_children.Rent());

    public Task MountAsync(
        string source, string target, string fileSystemType, MountFlags flags, string? data, CancellationToken cancellation) =>
        RunAsync(
            [MountCall, target, source, fileSystemType, ((ulong)flags).ToString(CultureInfo.InvariantCulture), data ?? ""], cancellation);

    public Task UnmountAsync(string target, UnmountFlags flags, CancellationToken cancellation) =>
        RunAsync([UnmountCall, target, ((int)flags).ToString(CultureInfo.InvariantCulture)], cancellation);

    public Task FlushAsync(string device, CancellationToken cancellation) => RunAsync([FlushCall, device], cancellation);

    /// <summary>Runs the child: makes calls until its input ends.</summary>
    public static Task<int> ServeAsync(string[] arguments)
    {
        // The command that made the call decides what becomes of the call when the user types ^C or closes the terminal.
        foreach (Signal signal in (Signal[])[Signal.HangUp, Signal.Interrupt, Signal.Quit])
            Signals.Ignore(signal);
        Serve(Console.OpenStandardInput(), Console.OpenStandardOutput());
        return Task.FromResult(0);
    }

    /// <summary>Makes the calls of <paramref name="calls"/>, and answers each with its error number, one byte.</summary>
    internal static void Serve(Stream calls, Stream answers)
    {
        using BinaryReader reader = new(calls);
        for (int words; (words = calls.ReadByte()) >= 0;)
        {
            string[] call = new string[words];
            for (int i = 0; i < words; i++)
                call[i] = reader.ReadString();
            answers.WriteByte(Make(call));
        }
    }

    private static byte Make(string[] call)
    {
        try
        {
            switch (call)
            {
                case [MountCall, var target, var source, var type, var flags, var data] when ulong.TryParse(
                    flags, CultureInfo.InvariantCulture, out ulong bits):
                    Mount.Attach(source, target, type, (MountFlags)bits, data.Length > 0 ? data : null);
                    return 0;
                case [UnmountCall, var target, var flags] when int.TryParse(flags, CultureInfo.InvariantCulture, out int bits):
                    Mount.Detach(target, (UnmountFlags)bits);
                    return 0;
                case [FlushCall, var device]:
                    using (FileDescriptor open = Files.Open(device, OpenFlags.ReadWrite))
                        FileContent.Sync(open);
                    return 0;
                default:
                    return WrongCall;
            }
        }
        catch (LinuxException error)
        {
            return (byte)error.Errno;
        }
    }

    /// <param name="call">The call's name, its object, and further arguments.</param>
    /// <param name="cancellation">Ends the wait, and leaves the child behind.</param>
    private async Task RunAsync(string[] call, CancellationToken cancellation)
    {
        PipedProgram child = _children.Rent();
        int answer = -1;
        try
        {
            await child.Input.WriteAsync(Encode(call), cancellation);
            await child.Input.FlushAsync(cancellation);
            byte[] errno = new byte[1];
            if (await child.Output.ReadAsync(errno, cancellation) == 1)
                answer = errno[0];
        }
        catch (IOException)
        {
            // The child has ended, and its standard error tells why.
        }
        finally
        {
            if (answer >= 0)
                _children.Return(child);
            else
                await child.DisposeAsync();
        }

        if (answer is < 0 or WrongCall)
            throw new LofizoneException($"{call[0]} {call[1]}: the process that does it has ended: {child.Error}", "run again");
        if (answer > 0)
            throw new LinuxException((Errno)answer, call[0], call[1]);
    }

    internal static byte[] Encode(string[] call)
    {
        using MemoryStream bytes = new();
        using BinaryWriter writer = new(bytes);
        writer.Write((byte)call.Length);
        foreach (string word in call)
            writer.Write(word);
        writer.Flush();
        return bytes.ToArray();
    }
}
