using System.Net.Sockets;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Tests.Fake;
using Lofizone.Nfs.Threading;

namespace Lofizone.Nfs.Tests.Sim;

/// <summary>
/// The network: delays, copies, black holes, and requests that arrive late although their connection has ended. Each connection keeps its
/// order. The server executes requests that arrive at about the same time in any order.
/// </summary>
internal sealed class SimNetwork(SimScheduler scheduler, FakeNfsServer server, SimTrace trace, int seed)
{
    private readonly Random _choices = new(seed);
    private readonly List<SimChannel> _channels = [];
    private readonly HashSet<int> _holes = [];
    private readonly List<(int Path, Action What)> _swallowed = [];

    public SimScheduler Scheduler { get; } = scheduler;

    /// <summary>How often the network makes faults; null for never.</summary>
    public SimWeather? Weather { get; set; }

    /// <summary>Before this time the server does nothing.</summary>
    public TimeSpan FrozenUntil { get; set; }

    /// <summary>The server refuses connections.</summary>
    public bool Refuses { get; set; }

    public IReadOnlyList<SimChannel> Open => [.. _channels.Where(channel => !channel.IsClosed)];

    public SimChannel Connect(int path, TimeSpan deadline)
    {
        TimeSpan took = Refuses || _holes.Contains(path) ? deadline : Delay();
        ((IClientThreads)Scheduler).Sleep(took, CancellationToken.None);
        if (Refuses || _holes.Contains(path))
        {
            trace.Add($"path {path}: no connection");
            throw new SocketException((int)SocketError.ConnectionRefused);
        }
        SimChannel channel = new(this, _channels.Count, path);
        _channels.Add(channel);
        server.Attach(channel);
        trace.Add($"connection {channel.Number} on path {path}");
        return channel;
    }

    /// <summary>A complete request leaves the client.</summary>
    public void Ask(SimChannel channel, byte[] record)
    {
        trace.Add($"-> {channel.Number}: {SimText.Describe(record)}");
        TimeSpan arrival = Later(channel.Last.ToServer, Scheduler.Time.Now + Delay());
        channel.Last = (arrival, channel.Last.ToClient);
        Scheduler.Time.At(arrival, () => Through(channel.Path, () => Queue(channel, record)));
        if (Chance(Weather?.Copies ?? 0))
            Scheduler.Time.At(arrival + LongDelay(), () => Execute(channel, record, "a copy of "));
    }

    /// <summary>A complete reply leaves the server.</summary>
    public void Answer(SimChannel channel, byte[] bytes, Action? onDelivered)
    {
        TimeSpan arrival = Later(channel.Last.ToClient, Scheduler.Time.Now + Delay());
        channel.Last = (channel.Last.ToServer, arrival);
        Scheduler.Time.At(arrival, () => Through(channel.Path, () => channel.Arrive(bytes, onDelivered)));
    }

    /// <summary>Ends the connection by FIN or RST, and loses a part of the bytes under way.</summary>
    public void Cut(SimChannel channel)
    {
        if (channel.IsClosed)
            return;
        trace.Add($"connection {channel.Number} is cut");
        if (_choices.Next(2) == 0)
            channel.Arrive(Head(), null);
        channel.End(isReset: _choices.Next(2) == 0);
    }

    /// <summary>From now on the path drops everything, without an error.</summary>
    public void Swallow(int path)
    {
        trace.Add($"path {path} is a black hole");
        _holes.Add(path);
    }

    /// <summary>The path works again. Bytes that TCP kept sending arrive now.</summary>
    public void Heal(int path)
    {
        if (!_holes.Remove(path))
            return;
        trace.Add($"path {path} works again");
        foreach ((int _, Action what) in _swallowed.Where(kept => kept.Path == path).ToArray())
            what();
        _swallowed.RemoveAll(kept => kept.Path == path);
    }

    /// <summary>Number of bytes that one call to the socket moves.</summary>
    public int Piece() => Weather is not null && _choices.Next(8) == 0 ? _choices.Next(1, 200) : int.MaxValue;

    public bool IsSocketFull() => Chance(Weather?.FullSockets ?? 0);

    private void Queue(SimChannel channel, byte[] record)
    {
        if (!channel.IsClosed)
        {
            // The server executes requests that it has at the same time in any order.
            Scheduler.Time.At(Later(FrozenUntil, Scheduler.Time.Now + Delay()), () => Execute(channel, record, ""));
            return;
        }
        // A request under way when its connection ended is lost, executed, or executed late.
        switch (_choices.Next(3))
        {
            case 0:
                trace.Add($"lost with connection {channel.Number}: {SimText.Describe(record)}");
                break;
            case 1:
                Execute(channel, record, "");
                break;
            default:
                Scheduler.Time.At(Later(FrozenUntil, Scheduler.Time.Now + LongDelay()), () => Execute(channel, record, "late, "));
                break;
        }
    }

    private void Execute(SimChannel channel, byte[] record, string how)
    {
        if (Scheduler.Time.Now < FrozenUntil)
        {
            Scheduler.Time.At(FrozenUntil, () => Execute(channel, record, how));
            return;
        }
        trace.Add($"server: {how}{SimText.Describe(record)}");
        server.Arrive(channel, record);
    }

    private void Through(int path, Action what)
    {
        if (_holes.Contains(path))
            _swallowed.Add((path, what));
        else
            what();
    }

    /// <summary>The beginning of a record that never ends.</summary>
    private byte[] Head()
    {
        byte[] bytes = new byte[_choices.Next(1, 40)];
        bytes[0] = 0x80;
        if (bytes.Length > 3)
            bytes[3] = 200;
        return bytes;
    }

    private TimeSpan Delay() => TimeSpan.FromMicroseconds(_choices.Next(10) == 0 ? _choices.Next(50, 20_000) : _choices.Next(50, 1000));

    private TimeSpan LongDelay() => TimeSpan.FromMilliseconds(_choices.Next(1, _choices.Next(2) == 0 ? 50 : 8000));

    private bool Chance(double probability) => _choices.NextDouble() < probability;

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;
}

/// <summary>Probabilities of the network's faults, for each request.</summary>
internal sealed record SimWeather(double Copies, double FullSockets);

/// <summary>Connects to one of the server's addresses.</summary>
internal sealed class SimConnector(SimNetwork network, int path) : IRpcConnector
{
    public string Server => $"path{path}:2049";

    public IRpcChannel Connect(TimeSpan deadline) => network.Connect(path, deadline);
}
