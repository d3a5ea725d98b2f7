using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Lofizone.Interop;
using Lofizone.Runtime;
using Pipe = Lofizone.Interop.Pipe;

namespace Lofizone.Tests.Runtime;

public sealed partial class LoginTerminalTests : IDisposable
{
    private static readonly byte[] _said = Encoding.ASCII.GetBytes("web");

    private readonly string _directory = Directory.CreateTempSubdirectory("lofizone-tests-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task What_a_command_says_is_passed_on_when_the_command_ended_before_its_terminal_was_taken_over()
    {
        using Pipe input = Pipe.Open();
        using Pipe output = Pipe.Open();
        using LoginTerminal terminal = new("web", _directory, "login.tty", new LoginRequest(), new LoginStreams(input.Read.Number, output.Write.Number, output.Write.Number));
        using LoginRelay relay = new();
        await RunCommandAsync(terminal.SocketPath);

        // This process gets its turn only now.
        await terminal.ConnectAsync(relay, new CancellationToken(canceled: true));
        await relay.EndAsync(Cancellation);
        byte[] relayed = new byte[_said.Length];
        Assert.True(Polling.Wait([new PollDescriptor(output.Read.Number)], TimeSpan.Zero));
        Assert.Equal(_said.Length, Polling.Read(output.Read.Number, relayed));
        Assert.Equal(_said, relayed);
    }

    [Fact]
    public async Task The_terminal_of_a_command_that_ended_without_one_is_not_waited_for()
    {
        using LoginTerminal terminal = new("web", _directory, "login.tty", new LoginRequest(), LoginStreams.Standard);
        using LoginRelay relay = new();
        await terminal.ConnectAsync(relay, new CancellationToken(canceled: true));
        await relay.EndAsync(Cancellation);
    }

    /// <summary>Acts like crun with a command that writes a line and ends at once.</summary>
    private static async Task RunCommandAsync(string socketPath)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), Cancellation);
        Assert.Equal(0, OpenTerminal(out int master, out int slave, 0, 0, 0));
        using FileDescriptor one = new(master), other = new(slave);
        Send(socket.SafeHandle, master);
        Polling.WriteAll(slave, _said);
    }

    /// <summary>sendmsg(2) with SCM_RIGHTS, unix(7).</summary>
    private static unsafe void Send(SafeHandle socket, int descriptor)
    {
        byte payload = 0;
        nint* vector = stackalloc nint[] { (nint)(&payload), 1 };
        // struct cmsghdr (cmsg(3)): length, SOL_SOCKET, SCM_RIGHTS, then the descriptor and its padding.
        int* control = stackalloc int[] { 20, 0, 1, 1, descriptor, 0 };
        nint* message = stackalloc nint[] { 0, 0, (nint)vector, 1, (nint)control, 24, 0 };
        Assert.Equal(1, SendMessage(socket, message, 0));
    }

    [LibraryImport("libc", EntryPoint = "openpty")]
    private static partial int OpenTerminal(out int master, out int slave, nint name, nint attributes, nint size);

    [LibraryImport("libc", EntryPoint = "sendmsg")]
    private static unsafe partial nint SendMessage(SafeHandle socket, nint* message, int flags);
}
