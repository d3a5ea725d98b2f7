using System.Net.Sockets;
using Lofizone.Nfs.Rpc;

namespace Lofizone.Nfs.Tests.Fake;

/// <summary>One address of the fake server: a path that a test can cut, silence, bring back, or move to another server.</summary>
internal sealed class FakeConnector(FakeNfsServer server, string name = "fake:2049") : IRpcConnector
{
    private readonly Lock _gate = new();
    private readonly List<FakeChannel> _channels = [];
    private bool _down;

    public string Server => name;

    /// <summary>The server at the address.</summary>
    public FakeNfsServer Target { get; set; } = server;

    public IRpcChannel Connect(TimeSpan deadline)
    {
        lock (_gate)
        {
            if (_down)
                throw new SocketException((int)SocketError.TimedOut);
            FakeChannel channel = Target.Accept();
            _channels.Add(channel);
            return channel;
        }
    }

    /// <summary>Ends all connections and refuses new ones, as a reset link does.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            _down = true;
            _channels.ForEach(channel => channel.Shutdown());
            _channels.Clear();
        }
    }

    /// <summary>From now on the path drops everything in both directions, without an error.</summary>
    public void Silence()
    {
        lock (_gate)
        {
            _down = true;
            _channels.ForEach(channel => channel.Silence());
            _channels.Clear();
        }
    }

    public void ComeBack()
    {
        lock (_gate)
            _down = false;
    }
}
