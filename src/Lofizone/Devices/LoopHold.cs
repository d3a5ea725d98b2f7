using System.Globalization;
using System.Text;
using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Devices;

/// <summary>
/// A loop device that a child of this command holds open during a detach. An open, a close or an ioctl(2) of a block device waits while a
/// sync(2) flushes the device, and the sync(2) waits for the device's server. No signal ends such a wait. The child may wait: the command
/// goes on without the child. The child ends at the end of its input.
/// </summary>
public sealed class LoopHold : IAsyncDisposable
{
    /// <summary>First argument of the child.</summary>
    public const string Verb = "loop-hold";

    private const string ExclusiveUse = "exclusive", SharedUse = "shared";
    private const string FlushCall = "fsync", UnbindCall = "unbind";

    /// <summary>Answers of the child; every other answer is an error number (errno(3)).</summary>
    private const string Done = "0", BoundAnew = "another's";

    private const int WrongUsage = 2;

    /// <summary>Limit for the child's end after its input is closed. A child that does not wait in the kernel ends at once.</summary>
    private static readonly TimeSpan _endLimit = TimeSpan.FromSeconds(1);

    private readonly PipedProgram _child;
    private readonly StreamReader _answers;
    private readonly string _device;

    private LoopHold(PipedProgram child, string device)
    {
        _child = child;
        _answers = new StreamReader(child.Output, Encoding.ASCII);
        _device = device;
    }

    /// <summary>True when another process has detached the device and bound it again. The caller must leave such a device alone.</summary>
    public bool IsReboundByOther { get; private set; }

    /// <summary>Opens the loop device.</summary>
    /// <param name="programs">Starts the child.</param>
    /// <param name="binary">This program.</param>
    /// <param name="device">The loop device, <c>/dev/loopN</c>.</param>
    /// <param name="token">The name with which the device was bound.</param>
    /// <param name="exclusive">Open the device with O_EXCL (open(2)): while the child has the device open, no process can mount it.</param>
    /// <param name="cancellation">Ends the wait. The child stays behind.</param>
    /// <exception cref="LinuxException">The device could not be opened. EBUSY: another process has the device open exclusively.</exception>
    internal static async Task<LoopHold> OpenAsync(
        IProgramRunner programs, string binary, string device, string token, bool exclusive, CancellationToken cancellation)
    {
        LoopHold hold = new(PipedProgram.Start(programs, binary, Verb, device, token, exclusive ? ExclusiveUse : SharedUse), device);
        try
        {
            hold.IsReboundByOther = await hold.AnswerAsync("open", cancellation) == BoundAnew;
            return hold;
        }
        catch
        {
            await hold.DisposeAsync();
            throw;
        }
    }

    /// <summary>Flushes the device by fsync(2).</summary>
    /// <exception cref="LinuxException">Data could not be stored.</exception>
    public Task FlushAsync(CancellationToken cancellation) => CallAsync(FlushCall, cancellation);

    /// <summary>Unbinds the device by LOOP_CLR_FD (loop(4)). The device is free when the last process that has it open closes it.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public Task UnbindAsync(CancellationToken cancellation) => CallAsync(UnbindCall, cancellation);

    /// <summary>Closes the device. A child that waits in the kernel closes the device later.</summary>
    public async ValueTask DisposeAsync()
    {
        await _child.EndAsync(_endLimit);
        await _child.DisposeAsync();
    }

    /// <summary>
    /// The child's main routine, <c>loop-hold DEVICE TOKEN exclusive|shared</c>. The child opens the device, and then makes a call for
    /// every line of its input.
    /// </summary>
    public static Task<int> ServeAsync(string[] arguments)
    {
        if (arguments is not [{ } device, { } token, ExclusiveUse or SharedUse])
            return Task.FromResult(WrongUsage);
        FileDescriptor? open = null;
        string first = Answer(() => open = Files.Open(
            device, OpenFlags.ReadWrite | (arguments[2] == ExclusiveUse ? OpenFlags.Exclusive : 0)));
        using FileDescriptor? held = open;
        Console.Out.WriteLine(held is not null && LoopDevices.IsReboundByOther(held, token) ? BoundAnew : first);
        while (held is not null && Console.In.ReadLine() is { } call)
        {
            Console.Out.WriteLine(call switch
            {
                FlushCall => Answer(() => FileContent.Sync(held)),
                UnbindCall => Answer(() => Loop.Unbind(held)),
                _ => Number(Errno.EINVAL),
            });
        }

        return Task.FromResult(0);
    }

    private static string Answer(Action call)
    {
        try
        {
            call();
            return Done;
        }
        catch (LinuxException error)
        {
            return Number(error.Errno);
        }
    }

    private static string Number(Errno errno) => ((int)errno).ToString(CultureInfo.InvariantCulture);

    private async Task CallAsync(string call, CancellationToken cancellation)
    {
        try
        {
            await _child.Input.WriteAsync(Encoding.ASCII.GetBytes(call + "\n"), cancellation);
            await _child.Input.FlushAsync(cancellation);
        }
        catch (IOException)
        {
            // The child was killed. The missing answer is reported below.
        }

        await AnswerAsync(call, cancellation);
    }

    private async Task<string> AnswerAsync(string call, CancellationToken cancellation)
    {
        string? answer = await _answers.ReadLineAsync(cancellation);
        if (answer is Done or BoundAnew)
            return answer;
        if (int.TryParse(answer, NumberStyles.None, CultureInfo.InvariantCulture, out int errno))
            throw new LinuxException((Errno)errno, call, _device);
        string error = _child.Error;
        throw new LofizoneException(
            $"{call} {_device}: the process that does it has ended{(error.Length > 0 ? ": " + error : "")}", "run again");
    }
}
