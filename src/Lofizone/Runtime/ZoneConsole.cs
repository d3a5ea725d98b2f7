using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Lofizone.Interop;

namespace Lofizone.Runtime;

/// <summary>Descriptors that a console session reads keys from and writes to.</summary>
/// <param name="Input">Descriptor of the keys. A terminal is put into raw mode.</param>
/// <param name="Output">Descriptor for the zone's output.</param>
public sealed record ConsoleStreams(int Input, int Output)
{
    public static ConsoleStreams Standard { get; } = new(0, 1);
}

/// <summary>What ends a session on a console, besides the user and the end of the input.</summary>
public enum ConsoleEnd
{
    /// <summary>The zone's end.</summary>
    WithZone,

    /// <summary>Nothing: the session waits for the zone's next boot (zlogin(1) -C without -d).</summary>
    WithUser,
}

/// <summary>How a session on a console behaves.</summary>
public sealed record ConsoleOptions
{
    /// <summary>The key that leaves the session, at the start of a line and with a dot behind; null for no such key.</summary>
    public byte? EscapeKey { get; init; } = ConsoleEscape.Tilde;

    public ConsoleEnd End { get; init; }

    /// <summary>True for a session that shows the zone's output alone.</summary>
    public bool Quiet { get; init; }
}

/// <summary>
/// A session on a zone's console, through the socket that conmon listens on (conmon(8), "attach"). Packets from conmon begin with a byte
/// that names the stream; packets to conmon are plain keys. The end of the input (a file, a pipe) ends the session, after the zone's output
/// so far is passed on.
/// </summary>
internal sealed class ZoneConsole(RuntimeContext context, string zone, ConsoleStreams streams, ConsoleOptions options)
{
    private const int PacketBytes = 32 << 10;
    private const int DrainLimitPackets = 64;
    private const int InputBytes = 4 << 10;

    /// <summary>Interval at which the session checks for a cancellation or a new window size.</summary>
    private static readonly TimeSpan _slice = TimeSpan.FromMilliseconds(200);

    private readonly RuntimePaths _paths = context.Paths(zone);
    private readonly ConsoleEscape _escape = new(options.EscapeKey);
    private int _resized = 1;

    /// <summary>How a connection to the console ended.</summary>
    private enum Ended
    {
        ByUser,
        WithZone,
    }

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        Socket? socket = options.End == ConsoleEnd.WithUser ? await TryConnectAsync(cancellation) : await ConnectAsync(cancellation);
        Say($"[Connected to zone '{zone}' console]\n");
        using (PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Interlocked.Exchange(ref _resized, 1)))
        using (Terminal.EnterRawMode(streams.Input))
        {
            while (await StayAsync(socket, cancellation) == Ended.WithZone && options.End == ConsoleEnd.WithUser)
            {
                if (socket is not null)
                    Say("\r\n[NOTICE: Zone halted]\r\n");
                socket?.Dispose();
                (socket, bool left) = await WaitForZoneAsync(cancellation);
                if (left)
                    break;
                Say("\r\n[NOTICE: Zone booting up]\r\n");
                Interlocked.Exchange(ref _resized, 1);
            }
        }

        socket?.Dispose();
        Say($"\n[Connection to zone '{zone}' console closed]\n");
        return 0;
    }

    private Task<Ended> StayAsync(Socket? socket, CancellationToken cancellation) => socket is null
        ? Task.FromResult(Ended.WithZone)
        : Task.Factory.StartNew(
            () => Pump(socket, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Waits until the zone is booted. The user can leave meanwhile; other keys are dropped.</summary>
    private async Task<(Socket? Socket, bool Left)> WaitForZoneAsync(CancellationToken cancellation)
    {
        byte[] typed = new byte[InputBytes];
        List<byte> dropped = [];
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (await TryConnectAsync(cancellation) is { } socket)
                return (socket, false);
            PollDescriptor keys = new(streams.Input);
            if (!Polling.Wait(new Span<PollDescriptor>(ref keys), _slice))
                continue;
            int count = Polling.Read(streams.Input, typed);
            if (count <= 0 || _escape.Take(typed.AsSpan(0, count), dropped))
                return (null, true);
            dropped.Clear();
        }
    }

    /// <summary>Connects to the console of a zone that has one; null when the zone has none.</summary>
    private async Task<Socket?> TryConnectAsync(CancellationToken cancellation)
    {
        if (RuntimeProcesses.Read(_paths) is not { InitPid: > 0, ConmonPid: > 0 })
            return null;
        try
        {
            return await ConnectAsync(cancellation);
        }
        catch (LofizoneException)
        {
            // The zone is just being made or has just ended. The next attempt tells.
            return null;
        }
    }

    private async Task<Socket> ConnectAsync(CancellationToken cancellation)
    {
        RuntimeState state = RuntimeProcesses.Read(_paths);
        if (state is { InitPid: > 0, ConmonPid: 0 })
            throw new LofizoneException(
                $"zone {zone}: its supervisor (conmon) has ended, and with it the console; the zone itself runs on",
                $"shut it down and boot it again: zone reboot {zone}");
        if (state.InitPid == 0)
            throw new LofizoneException($"zone {zone}: not running, so it has no console", $"boot it: zone boot {zone}");
        Socket socket = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        try
        {
            // The socket is reached through a descriptor of its directory: a socket's path is limited to 107 bytes (unix(7)), and the
            // host's paths may be longer.
            using FileDescriptor directory = DescriptorPath.Open(_paths.Bundle, DescriptorPath.PathOnly);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint($"/proc/self/fd/{directory.Number}/attach"), cancellation);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new LofizoneException($"zone {zone}: its console can't be reached: {e.Message}", null, e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private Ended Pump(Socket socket, CancellationToken cancellation)
    {
        byte[] packet = new byte[PacketBytes];
        byte[] typed = new byte[InputBytes];
        List<byte> keys = [];
        Span<PollDescriptor> watched = [new((int)socket.Handle), new(streams.Input)];
        while (!cancellation.IsCancellationRequested)
        {
            if (Interlocked.Exchange(ref _resized, 0) != 0)
                Resize();
            if (!Polling.Wait(watched, _slice))
                continue;
            if (watched[0].Ready)
            {
                int count = socket.Receive(packet, SocketFlags.None, out SocketError error);
                if (count <= 0 || error != SocketError.Success)
                    return Ended.WithZone;
                Polling.WriteAll(streams.Output, packet.AsSpan(1, count - 1));
            }

            if (watched[1].Ready)
            {
                int count = Polling.Read(streams.Input, typed);
                if (count <= 0)
                {
                    Drain(socket, packet);
                    return Ended.ByUser;
                }

                keys.Clear();
                bool leave = _escape.Take(typed.AsSpan(0, count), keys);
                if (keys.Count > 0 && socket.Send(CollectionsMarshal.AsSpan(keys), SocketFlags.None, out SocketError sent) <= 0
                    && sent != SocketError.Success)
                    return Ended.WithZone;
                if (leave)
                    return Ended.ByUser;
            }
        }

        return Ended.ByUser;
    }

    private void Drain(Socket socket, byte[] packet)
    {
        PollDescriptor readable = new((int)socket.Handle);
        for (int left = DrainLimitPackets; left > 0 && Polling.Wait(new Span<PollDescriptor>(ref readable), TimeSpan.Zero); left--)
        {
            int count = socket.Receive(packet, SocketFlags.None, out SocketError error);
            if (count <= 0 || error != SocketError.Success)
                return;
            Polling.WriteAll(streams.Output, packet.AsSpan(1, count - 1));
        }
    }

    private void Resize()
    {
        if (Terminal.Size(streams.Output) is not { } size)
            return;
        try
        {
            using FileDescriptor control = DescriptorPath.Open(
                Path.Combine(_paths.Bundle, "ctl"), DescriptorPath.WriteOnly | DescriptorPath.NonBlocking);
            Polling.WriteAll(
                control.Number, Encoding.ASCII.GetBytes($"1 {size.Rows} {size.Columns}\n"));
        }
        catch (LinuxException)
        {
            // The zone has just ended, and the session is about to notice that.
        }
    }

    private void Say(string text)
    {
        if (!options.Quiet)
            Polling.WriteAll(streams.Output, Encoding.UTF8.GetBytes(text));
    }
}
