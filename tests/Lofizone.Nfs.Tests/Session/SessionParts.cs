using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Connections;
using Lofizone.Nfs.Session.Slots;
using Lofizone.Nfs.Session.State;
using Lofizone.Nfs.Tests.Fake;
using Lofizone.Nfs.Threading;
using Microsoft.Extensions.Time.Testing;

namespace Lofizone.Nfs.Tests.Session;

/// <summary>The parts of a session without a server and without threads. A test does the threads' work.</summary>
internal sealed class SessionParts : IConnectionUser
{
    private readonly ManualThreads _threads = new();
    private readonly List<RecordingConnector> _connectors;

    public SessionParts(int paths = 1, NfsClientOptions? options = null)
    {
        _connectors = [.. Enumerable.Range(0, paths).Select(path => new RecordingConnector($"path{path}"))];
        Context = new SessionContext((options ?? FakeRun.Defaults) with { TimeProvider = Clock, Threads = _threads }, "server");
        Identity = new ClientIdentity(Context);
        Calls = new CallMaker(Context, Identity);
        Connections = new ConnectionSet(Context, _connectors);
        Monitor = new ConnectionMonitor(Context, Connections, Calls);
        Queue = new CallQueue(Context, Identity, Connections, Monitor, Calls);
        Context.State.Enter(SessionPhase.Connecting);
        Connections.Start(this);
        for (int at = 0; at < paths; at++)
            Assert.Throws<LeftAlone>(_threads.Started[at]);
    }

    public FakeTimeProvider Clock { get; } = new();

    public SessionContext Context { get; }

    public SessionState State => Context.State;

    public ClientIdentity Identity { get; }

    public CallMaker Calls { get; }

    public ConnectionSet Connections { get; }

    public ConnectionMonitor Monitor { get; }

    public CallQueue Queue { get; }

    /// <summary>Brings the session to its phase after CREATE_SESSION, with this number of slots.</summary>
    public void Create(int slots)
    {
        State.Enter(State.Phase == SessionPhase.Lost ? SessionPhase.Ending : SessionPhase.Creating);
        if (State.Phase == SessionPhase.Ending)
            State.Enter(SessionPhase.Creating);
        Queue.Reset(slots);
        State.Enter(SessionPhase.Restoring);
    }

    /// <summary>The connection of the path, which is up and not bound.</summary>
    public NfsConnection Connection(int path) => Connections.All[path];

    /// <summary>The messages sent over the path.</summary>
    public IReadOnlyList<byte[]> Sent(int path) => _connectors[path].Sent;

    public bool IsShutDown(int path) => _connectors[path].IsShutDown;

    /// <summary>Submits a request of the session.</summary>
    public (CompoundCall Call, Task<NfsStatus> Answer) Submit(ICallOwner? owner = null)
    {
        CompoundCall call = Calls.Within(static (ref _) => { });
        call.Owner = owner;
        Task<NfsStatus> answer = call.Completion.AsTask();
        Queue.Submit(call);
        return (call, answer);
    }

    void IConnectionUser.OnConnected(NfsConnection connection) => connection.State = ConnectionState.Connected;

    bool IConnectionUser.ReceiveOne(NfsConnection connection) => throw new LeftAlone();

    void IConnectionUser.OnSessionLost(SessionLostException loss)
    {
    }

    void IConnectionUser.OnClosed(NfsConnection connection)
    {
    }

    /// <summary>Ends the connection's thread, and leaves the connection up.</summary>
    private sealed class LeftAlone : Exception;

    private sealed class ManualThreads : IClientThreads
    {
        public List<Action> Started { get; } = [];

        public void Start(string name, Action run) => Started.Add(run);

        public ThreadSignal NewSignal() => new NoSignal();

        public ITimer NewTimer(string name, Action callback, TimeSpan period) => throw new NotSupportedException();

        public void Sleep(TimeSpan duration, CancellationToken cancellation) => throw new NotSupportedException();
    }

    private sealed class NoSignal : ThreadSignal
    {
        public override void Set()
        {
        }

        public override void Wait() => throw new InvalidOperationException("waits for what no thread can bring");
    }

    private sealed class RecordingConnector(string server) : IRpcConnector, IRpcChannel
    {
        public string Server => server;

        public List<byte[]> Sent { get; } = [];

        public bool IsShutDown { get; private set; }

        public IRpcChannel Connect(TimeSpan deadline) => this;

        public int Receive(Span<byte> buffer) => throw new NotSupportedException();

        public int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, bool wait)
        {
            Sent.Add([.. first, .. second, .. third]);
            return Sent[^1].Length;
        }

        public void Shutdown() => IsShutDown = true;

        public void Dispose()
        {
        }
    }
}
