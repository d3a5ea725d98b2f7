using System.Runtime.CompilerServices;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Slots;
using Lofizone.Nfs.Session.State;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Packing;

/// <summary>
/// Small READs and WRITEs of one file on their way to the session. While few calls are in flight each is sent at once, alone; beyond the
/// <see cref="PackingWindow"/> they wait for the next answer and go together in one COMPOUND, which saves the server and us most of
/// what a call costs. Nothing waits for company alone: a request is held back only while calls are in flight, whose answer sends it.
/// </summary>
/// <remarks>
/// Operations of a COMPOUND before the one that failed have been executed and have their results; those behind it have not, and are
/// sent again. Requests to overlapping ranges are never under way at once (the caller sees to it), so their order does not matter.
/// </remarks>
internal sealed class RequestPacker
{
    /// <summary>Larger requests gain nothing from company, bytes.</summary>
    public const int SmallBytes = 32 << 10;

    /// <summary>Data of one COMPOUND in one direction, bytes.</summary>
    public const int DataBytes = 128 << 10;

    /// <summary>SEQUENCE and PUTFH.</summary>
    private const int FixedOperations = 2;

    private const int HeadBytes = 1024;
    private const int PooledRequests = 1024;

    private readonly NfsSession _session;
    private readonly IPackedFile _file;
    private readonly TimeProvider _time;
    private readonly PackingProof _proof;
    private readonly PackingWindow _window = new(SlotTable.OrdinaryLimit);
    private readonly Lock _gate = new();
    private readonly RequestQueue _queue = new();
    private readonly Stack<FileBlock> _pool = new();
    private readonly Stack<Flight> _flights = new();
    private int _inFlight;
    private int _requestsInFlight;
    private NfsPacking _wanted;
    private volatile int _most = SessionSizes.Operations - FixedOperations;

    public RequestPacker(NfsSession session, IPackedFile file)
    {
        (_session, _file, _time) = (session, file, session.Options.TimeProvider);
        _proof = new PackingProof(session);
    }

    /// <summary>Requests up to this size go together, bytes. None before the session is there: a resumed file is older.</summary>
    private int SmallLimit => _session.Options.Packing != NfsPacking.None ? Math.Min(SmallBytes, DataLimit) : 0;

    /// <summary>READs and WRITEs in one COMPOUND, at most; lowered when the server refuses as many.</summary>
    public int Most => Math.Max(1, Math.Min(_most, _session.MaxOperations - FixedOperations));

    /// <summary>
    /// Data of one COMPOUND in one direction as the session is now, bytes: no more of a message than the server has shown to fill right.
    /// </summary>
    private int DataLimit => Math.Min(DataBytes, MessageBytes / 2);

    /// <summary>
    /// Data of one COMPOUND in both directions: the Linux kernel's server has the pages of one message for a request and its reply
    /// together.
    /// </summary>
    private int MessageBytes => Math.Min(_session.MaxReadBytes, _session.MaxWriteBytes);

    /// <summary>Calls that may be in flight before requests wait for each other.</summary>
    public int Window
    {
        get
        {
            lock (_gate)
                return _window.Size;
        }
    }

    public FileBlock Rent()
    {
        lock (_pool)
        {
            if (_pool.TryPop(out FileBlock? io))
                return io;
        }
        return new FileBlock();
    }

    public void Return(FileBlock io)
    {
        io.Clear();
        lock (_pool)
        {
            if (_pool.Count < PooledRequests)
                _pool.Push(io);
        }
    }

    /// <summary>Sends the request; a small one may be kept until an answer arrives. Completes when the request is answered.</summary>
    public ValueTask<NfsStatus> SendAsync(FileBlock io)
    {
        ValueTask<NfsStatus> completion = io.Completion;
        if (io.Length <= SmallLimit)
            Submit(io);
        else
            io.SendAlone(_session, _file);
        return completion;
    }

    private void Submit(BlockIo io)
    {
        Flight? flight;
        NfsPacking wanted;
        lock (_gate)
        {
            _queue.AddLast(io);
            if (_inFlight >= _window.Size)
                _window.OnFull();
            flight = NextFlight();
            (wanted, _wanted) = (_wanted, NfsPacking.None);
        }
        flight?.Send();
        if (wanted != NfsPacking.None)
            _proof.Ask(_file, wanted);
    }

    /// <summary>
    /// Whether what waits is at least half of a call's share of all requests: when a large COMPOUND is answered its callers come back one
    /// by
    /// one, and the first of them must not go alone. With nothing in flight, or a window as wide as there are requests, it always is.
    /// The gate is held.
    /// </summary>
    private bool IsWorthACall => _inFlight == 0 || 2L * _window.Size * _queue.Count >= _requestsInFlight + _queue.Count;

    /// <summary>
    /// The next COMPOUND, filled from the queue; null when there is nothing to send or the window is full. The gate is held.
    /// </summary>
    private Flight? NextFlight()
    {
        if (_queue.First is not { } first)
            return null;
        bool isFull = _inFlight >= _window.Size;
        long? reads = _proof.ReadsEpoch;
        long? all = _proof.AllEpoch;
        // One that must go alone gains nothing by waiting.
        bool isAlone = (first.IsWrite ? all : reads) is null;
        if (!isAlone && (isFull || !IsWorthACall))
            return null;
        if (isAlone && isFull)
            Want(first.IsWrite);
        Flight flight = _flights.TryPop(out Flight? idle) ? idle : new Flight(this);
        int read = 0;
        int write = 0;
        int most = isAlone ? 1 : Most;
        int limit = DataLimit;
        int both = MessageBytes;
        flight.ProvenEpoch = null;
        while (flight.Requests.Count < most && _queue.First is { } next)
        {
            ref int sum = ref next.IsWrite ? ref write : ref read;
            if (flight.Requests.Count > 0)
            {
                if (sum + next.Length > limit || read + write + next.Length > both)
                    break;
                bool hasWrite = next.IsWrite || write > 0;
                if ((hasWrite ? all : reads) is not { } proven)
                {
                    Want(hasWrite);
                    break;
                }
                flight.ProvenEpoch = proven;
            }
            sum += next.Length;
            flight.Requests.Add(_queue.RemoveFirst());
        }
        flight.InFlight = ++_inFlight;
        _requestsInFlight += flight.Requests.Count;
        return flight;
    }

    /// <summary>Requests could have gone together if the server were known to take them so. The gate is held.</summary>
    private void Want(bool hasWrite)
    {
        if (hasWrite || _wanted == NfsPacking.None)
            _wanted = hasWrite ? NfsPacking.All : NfsPacking.Reads;
    }

    private void OnAnswered(Flight flight, TimeSpan latency, NfsStatus status)
    {
        CompoundCall call = flight.Call;
        List<BlockIo> requests = flight.Requests;
        int done = status == NfsStatus.Ok ? requests.Count : call.PartsDone;
        // One that failed gets the status; what comes behind it has not been looked at.
        int ended = done;
        if (status != NfsStatus.Ok)
        {
            if (requests.Count > 1 && IsTooMuch(status))
                Lower(requests.Count, done);
            else
                ended = call.PartFailed ? done + 1 : requests.Count;
        }
        lock (_gate)
        {
            for (int i = requests.Count - 1; i >= ended; i--)
                _queue.AddFirst(requests[i]);
            if (status == NfsStatus.Ok)
                _window.OnAnswer(latency, requests.Count, flight.InFlight, _time.GetElapsedTime(0));
            _inFlight--;
            _requestsInFlight -= requests.Count;
        }
        // Before the waiters wake, so that the server has work while we have; a failure may fence the file, so its waiter comes first.
        if (status == NfsStatus.Ok)
            Pump();
        for (int i = 0; i < ended; i++)
        {
            requests[i].Epoch = call.Epoch;
            requests[i].Complete(i < done ? NfsStatus.Ok : status);
        }
        Release(flight);
        if (status != NfsStatus.Ok)
            Pump();
    }

    private void OnFailed(Flight flight, Exception failure)
    {
        lock (_gate)
        {
            _inFlight--;
            _requestsInFlight -= flight.Requests.Count;
        }
        foreach (BlockIo request in flight.Requests)
            request.Fail(failure);
        Release(flight);
        Pump();
    }

    private void Pump()
    {
        while (true)
        {
            Flight? next;
            NfsPacking wanted;
            lock (_gate)
            {
                next = NextFlight();
                (wanted, _wanted) = (_wanted, NfsPacking.None);
            }
            if (wanted != NfsPacking.None)
                _proof.Ask(_file, wanted);
            if (next is null)
                return;
            next.Send();
        }
    }

    private void Release(Flight flight)
    {
        flight.Requests.Clear();
        lock (_gate)
            _flights.Push(flight);
    }

    private static bool IsTooMuch(NfsStatus status) =>
        status is NfsStatus.Resource or NfsStatus.TooManyOps or NfsStatus.ReqTooBig or NfsStatus.RepTooBig or NfsStatus.RepTooBigToCache;

    private void Lower(int sent, int done)
    {
        int fits = Math.Max(1, done > 0 ? Math.Min(done, sent / 2) : sent / 2);
        if (fits < _most)
            _most = fits;
    }

    /// <summary>One COMPOUND with what it carries; used again and again.</summary>
    private sealed class Flight
    {
        private readonly RequestPacker _packer;
        private readonly Action _answered;
        private ValueTaskAwaiter<NfsStatus> _awaiter;
        private long _sentAt;

        public Flight(RequestPacker packer)
        {
            _packer = packer;
            _answered = OnAnswered;
        }

        public CompoundCall Call { get; } = new();

        public List<BlockIo> Requests { get; } = [];

        /// <summary>Calls in flight when it was sent, with itself.</summary>
        public int InFlight { get; set; }

        /// <summary>
        /// With several requests: it may be sent only in this epoch of the session, for which the server has shown that it takes them.
        /// </summary>
        public long? ProvenEpoch { get; set; }

        public void Send()
        {
            Encode();
#pragma warning disable CA2012 // the awaiter is used once, by OnAnswered
            _awaiter = Call.Completion.GetAwaiter();
#pragma warning restore CA2012
            _sentAt = _packer._time.GetTimestamp();
            _packer._session.Submit(Call);
            if (_awaiter.IsCompleted)
                OnAnswered();
            else
                _awaiter.UnsafeOnCompleted(_answered);
        }

        private void Encode()
        {
            IPackedFile file = _packer._file;
            int bytes = HeadBytes + file.Handle.Length;
            foreach (BlockIo request in Requests)
                bytes += CompoundCall.PartHeadBytes + (request.IsWrite ? request.Length + XdrReader.Padding(request.Length) : 0);
            Call.Reserve(Math.Max(bytes, CompoundCall.RequestBytes));
            XdrWriter writer = _packer._session.Begin(Call, cache: false, inline: true);
            // A session made anew meanwhile refuses what was encoded for an older epoch, and the callers ask again.
            Call.Epoch = ProvenEpoch ?? Call.Epoch;
            FileHandle.EncodePut(ref writer, file.Handle);
            StateId stateId = file.StateId;
            Stability stability = file.Stability;
            bool writes = false;
            foreach (BlockIo request in Requests)
            {
                Call.Add(request, ref writer, stateId, stability);
                writes |= request.IsWrite;
            }
            if (writes)
                Call.Owner = file;
            Call.End(writer);
        }

        private void OnAnswered()
        {
            NfsStatus status;
            try
            {
                status = _awaiter.GetResult();
            }
            catch (Exception failure)
            {
                _packer.OnFailed(this, failure);
                return;
            }
            _packer.OnAnswered(this, _packer._time.GetElapsedTime(_sentAt), status);
        }
    }
}
