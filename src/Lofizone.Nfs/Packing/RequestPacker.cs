using System.Runtime.CompilerServices;
using Lofizone.Basics;
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
/// Sends the READs and WRITEs of one file. A large request goes alone, at once. While few calls are in flight, a small request goes alone
/// and at once, too. Beyond the <see cref="PackingWindow"/> small requests wait for the next answer and go together in one COMPOUND. That
/// saves server and client most of the cost of a call. A request is held back only while calls are in flight, and the answers to those
/// calls send the request.
/// </summary>
/// <remarks>
/// The server has executed the operations of a COMPOUND before the failed operation, and has returned their results. The server has not
/// executed the operations behind the failed operation, and they are sent again. The caller never has two requests to overlapping ranges
/// under way, so the order of requests does not matter.
/// </remarks>
internal sealed class RequestPacker
{
    /// <summary>Largest size of a request that may go together with others, bytes. Larger requests gain nothing by that.</summary>
    public const int SmallBytes = 32 << 10;

    /// <summary>Limit for the data of one COMPOUND in one direction, bytes.</summary>
    public const int DataBytes = 128 << 10;

    /// <summary>Number of operations before the READs and WRITEs: SEQUENCE and PUTFH.</summary>
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
    private readonly Pool<FileBlock> _blocks = new(() => new FileBlock(), PooledRequests);
    private readonly Pool<Flight> _flights;
    private int _inFlight;
    private int _requestsInFlight;
    private NfsPacking _wanted;
    private volatile int _most = SessionSizes.Operations - FixedOperations;

    public RequestPacker(NfsSession session, IPackedFile file)
    {
        (_session, _file, _time) = (session, file, session.Options.TimeProvider);
        _proof = new PackingProof(session);
        _flights = new Pool<Flight>(() => new Flight(this));
    }

    /// <summary>
    /// Largest size of a small request in the current session, bytes. 0 before there is a session, because a resumed file is older than its
    /// session.
    /// </summary>
    private int SmallLimit => _session.Options.Packing != NfsPacking.None ? Math.Min(SmallBytes, DataLimit) : 0;

    /// <summary>Largest number of READs and WRITEs in one COMPOUND. Lowered when the server refuses so many.</summary>
    public int Most => Math.Max(1, Math.Min(_most, _session.MaxOperations - FixedOperations));

    /// <summary>
    /// Limit for the data of one COMPOUND in one direction in the current session, bytes: the part of a message that the server has proved
    /// to fill correctly.
    /// </summary>
    private int DataLimit => Math.Min(DataBytes, MessageBytes / 2);

    /// <summary>
    /// Limit for the data of one COMPOUND in both directions, bytes. The Linux kernel's server has the pages of one message for a request
    /// and its reply together.
    /// </summary>
    private int MessageBytes => Math.Min(_session.MaxReadBytes, _session.MaxWriteBytes);

    /// <summary>Number of calls that may be in flight before requests wait for each other.</summary>
    public int Window
    {
        get
        {
            lock (_gate)
                return _window.Size;
        }
    }

    public FileBlock Rent() => _blocks.Rent();

    public void Return(FileBlock io)
    {
        io.Clear();
        _blocks.Return(io);
    }

    /// <summary>Sends the request. A small request may be held until an answer arrives. Completes when the request is answered.</summary>
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
    /// Tells whether the waiting requests are at least half of what one call carries when all requests are spread over the window. The
    /// callers of a large COMPOUND return one by one when it is answered, and the first of them must not go alone. True whenever no call is
    /// in flight, or the window is as large as the number of requests. The gate is held.
    /// </summary>
    private bool IsWorthACall => _inFlight == 0 || 2L * _window.Size * _queue.Count >= _requestsInFlight + _queue.Count;

    /// <summary>The next COMPOUND, filled from the queue. Null when no request waits or the window is full. The gate is held.</summary>
    private Flight? NextFlight()
    {
        if (_queue.First is not { } first)
            return null;
        bool isFull = _inFlight >= _window.Size;
        long? reads = _proof.ReadsEpoch;
        long? all = _proof.AllEpoch;
        // A request that must go alone gains nothing by waiting.
        bool isAlone = (first.IsWrite ? all : reads) is null;
        if (!isAlone && (isFull || !IsWorthACall))
            return null;
        if (isAlone && isFull)
            Want(first.IsWrite);
        Flight flight = _flights.Rent();
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

    /// <summary>Notes that requests could have gone together if the server were known to support that. The gate is held.</summary>
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
        // The request that failed gets the status. The server has not executed the requests behind the failed one.
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
        // The next call is sent before the waiters wake, so that the server has work in the meantime. A failure may fence the file, so the
        // waiters of a failed call wake first.
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
        _flights.Return(flight);
    }

    private static bool IsTooMuch(NfsStatus status) =>
        status is NfsStatus.Resource or NfsStatus.TooManyOps or NfsStatus.ReqTooBig or NfsStatus.RepTooBig or NfsStatus.RepTooBigToCache;

    private void Lower(int sent, int done)
    {
        int fits = Math.Max(1, done > 0 ? Math.Min(done, sent / 2) : sent / 2);
        if (fits < _most)
            _most = fits;
    }

    /// <summary>A COMPOUND and the requests in it, used again and again.</summary>
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

        /// <summary>Number of calls in flight when this call was sent, this call included.</summary>
        public int InFlight { get; set; }

        /// <summary>
        /// The session's epoch for which the server has proved that it executes several requests in one COMPOUND. A COMPOUND of several
        /// requests is sent in that epoch only.
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
            // A newer session refuses a call of an older epoch, and the callers repeat their requests.
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
