using Lofizone.Interop;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.State;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Packing;

/// <summary>
/// Finds out whether the server stores the data of several WRITEs in one COMPOUND, and returns the data of several READs in one COMPOUND.
/// Some servers do not. The Linux kernel's server before it used xdr_buf_to_bvec (svc_fill_write_vector in net/sunrpc/svc.c) handles a
/// WRITE wrongly that begins behind the message's first 4 KiB. That server takes the data from the start of a page, wherever in the page
/// the data stands, and reports success. Since the kernel's server reads into pages by nfsd_iter_read (fs/nfsd/vfs.c; seen in 6.12), it
/// puts the data of all READs but the first into other pages than it sends. With many READs that server writes beyond the last page, which
/// ends its kernel thread. Neither a version nor a name tells these servers apart, so each server is tested. One COMPOUND makes a scratch
/// file beside the image, removes its name, writes random data, reads the data back and closes the file. Until that test has succeeded in
/// the current session, every request goes alone. The server is tested only when there are requests to pack, and for READs before WRITEs.
/// </summary>
/// <remarks>
/// The COMPOUND works with the current state ID (RFC 8881 section 16.2.3.1.2) and removes the name before it writes. The death of this
/// process therefore leaves nothing behind, because the server executes all of the COMPOUND or none. Request and reply are together smaller
/// than a message may be, so that a server that reads beyond the pages it sends finds a page there. A proof counts for one epoch of the
/// session only: a restarted server may have another version, and must be tested anew.
/// </remarks>
internal sealed class PackingProof(NfsSession session)
{
    /// <summary>Prefix of the names of scratch files; a random part follows.</summary>
    public const string NamePrefix = ".lofizone-probe-";

    /// <summary>
    /// Lengths of the pieces in bytes, used again and again: blocks of packed sizes, at changing places of the message's pages.
    /// </summary>
    private static readonly int[] _lengths = [512, 1024, 4096, 4096, 4096, 512, 8192, 4096, 1536, 4096, 16384, 4096];

    /// <summary>Time after which a server without a clear result is tested again.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromMinutes(1);

    private const int Least = 2;
    private const int NoEpoch = -1;
    private const int RandomNameBytes = 8;
    private const int OwnerBytes = 16;
    private const uint ScratchMode = 0x180;

    /// <summary>Room for heads, names and the owner, bytes.</summary>
    private const int HeadBytes = 2048;

    /// <summary>Largest size of a LOOKUP of one name, bytes.</summary>
    private const int NameBytes = 264;

    /// <summary>
    /// Operations without the LOOKUPs, READs and WRITEs: SEQUENCE, two ways to the directory without the names, OPEN, GETFH, SAVEFH,
    /// REMOVE, RESTOREFH, READ twice, CLOSE.
    /// </summary>
    private const int OtherOperations = 11;

    private readonly NfsClientOptions _options = session.Options;
    private readonly Rung _reads = new(NfsPacking.Reads);
    private readonly Rung _all = new(NfsPacking.All);
    private int _asking;

    /// <summary>
    /// The epoch for which several READs may go in one COMPOUND, see <see cref="CompoundCall.Epoch"/>; null when they may not at present.
    /// </summary>
    public long? ReadsEpoch => EpochOf(_reads);

    /// <summary>
    /// The epoch for which several WRITEs, and READs and WRITEs together, may go in one COMPOUND; null when they may not at present.
    /// </summary>
    public long? AllEpoch => EpochOf(_all);

    /// <summary>Tests the server, unless the server was tested lately. Called when requests wait for each other. Never waits.</summary>
    /// <param name="file">The scratch file is made in this file's directory. A fenced file starts no test.</param>
    /// <param name="wanted">The kind of the waiting requests. Several WRITEs are tested when several READs are known to succeed.</param>
    public void Ask(IPackedFile file, NfsPacking wanted)
    {
        long epoch = session.Epoch;
        Rung rung = wanted == NfsPacking.All && _reads.IsProven(epoch) ? _all : _reads;
        if (_options.Packing is not null || rung.IsKnown(epoch))
            return;
        if (file.IsFenced || file.IsLost || Interlocked.CompareExchange(ref _asking, 1, 0) != 0)
            return;
        if (rung.AskedAt != 0 && _options.TimeProvider.GetElapsedTime(rung.AskedAt) < _pause)
        {
            Volatile.Write(ref _asking, 0);
            return;
        }
        rung.AskedAt = _options.TimeProvider.GetTimestamp();
        _ = AskAsync(file, rung);
    }

    private long? EpochOf(Rung rung)
    {
        long epoch = session.Epoch;
        bool may = _options.Packing is { } known ? known >= rung.Packing : rung.IsProven(epoch);
        return may ? epoch : null;
    }

    private async Task AskAsync(IPackedFile file, Rung rung)
    {
        try
        {
            (bool? whole, long epoch) = await TryAsync(file, rung.Packing);
            if (whole is { } shown)
                rung.Note(epoch, shown);
            session.Statistics.SetPacking(rung.Packing, whole);
            // The server was restarted during the test. The new server is tested without a pause.
            if (epoch != session.Epoch)
                rung.AskedAt = 0;
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // There was no answer in time, or the client is closed, or the file is fenced. The test has no result, and requests go alone as
            // before.
            session.Statistics.SetPacking(rung.Packing, null);
        }
        finally
        {
            Volatile.Write(ref _asking, 0);
        }
    }

    /// <summary>
    /// The result of one test, with the test's epoch. Null when the server does not accept the COMPOUND (no right to make files there, no
    /// room, fewer operations).
    /// </summary>
    private async Task<(bool? Whole, long Epoch)> TryAsync(IPackedFile file, NfsPacking packing)
    {
        string[] names = ServerPath.Split(file.Path);
        // The data goes both ways, and the Linux kernel's server has the pages of one message for the request and its reply together.
        int dataBytes = Math.Min(RequestPacker.DataBytes, Math.Min(session.MaxReadBytes, session.MaxWriteBytes) / 2 - _lengths.Max());
        int operations = Math.Min(session.MaxOperations, SessionSizes.Operations) - OtherOperations - 2 * (names.Length - 1);
        int[] lengths = [.. Lengths(operations, dataBytes)];
        if (names.Length == 0 || lengths.Length < Least)
            return (null, session.Epoch);
        byte[] data = RandomBytes.Get(lengths.Sum());
        string name = NamePrefix + RandomBytes.GetHex(RandomNameBytes);
        Scratch scratch = new(names[..^1], name, [.. Plan(packing, lengths)], data);
        CompoundCall call = await RepeatedRequest.RunAsync(
            session,
            "WRITE",
            (ref XdrWriter writer) => Encode(ref writer, scratch),
            CancellationToken.None,
            keepReply: false,
            requestBytes: HeadBytes + 2 * names.Length * NameBytes + data.Length + lengths.Length * CompoundCall.PartHeadBytes);
        if (file.IsFenced)
            return (null, call.Epoch);
        if (call.Status == NfsStatus.Ok)
            return (Decode(call, scratch), call.Epoch);
        await CleanAsync(call, scratch);
        return (null, call.Epoch);
    }

    private static IEnumerable<int> Lengths(int most, int dataBytes)
    {
        int sum = 0;
        for (int i = 0; i < most; i++)
        {
            int length = _lengths[i % _lengths.Length];
            sum += length;
            if (sum > dataBytes)
                yield break;
            yield return length;
        }
    }

    private void Encode(ref XdrWriter writer, Scratch scratch)
    {
        EncodeDirectory(ref writer, scratch);
        byte[] owner = [.. _options.ClientOwner.AsSpan(0, OwnerBytes), .. "probe"u8];
        NfsOpenOptions options = new() { Create = NfsCreate.Guarded, Write = true, Mode = ScratchMode };
        Open.Encode(ref writer, session.ClientId, owner, scratch.Name, options);
        FileHandle.EncodeGet(ref writer);
        FileHandle.EncodeSave(ref writer);
        EncodeDirectory(ref writer, scratch);
        Remove.Encode(ref writer, scratch.Name);
        FileHandle.EncodeRestore(ref writer);
        foreach (Transfer transfer in scratch.Plan)
        {
            if (transfer.IsWrite)
            {
                Write.EncodeHead(ref writer, StateId.Current, transfer.At, Stability.Unstable, transfer.Length);
                writer.WriteFixed(transfer.Of(scratch.Data));
            }
            else
            {
                Read.Encode(ref writer, StateId.Current, transfer.At, transfer.Length);
            }
        }
        Close.Encode(ref writer, StateId.Current);
    }

    private static void EncodeDirectory(ref XdrWriter writer, Scratch scratch)
    {
        FileHandle.EncodePutRoot(ref writer);
        foreach (string name in scratch.Directory)
            Lookup.Encode(ref writer, name);
    }

    /// <summary>True when the data read is the data written. Null when the server has not stored or returned all of the data.</summary>
    private static bool? Decode(CompoundCall call, Scratch scratch)
    {
        XdrReader reader = call.Results;
        DecodeOpen(ref reader, scratch);
        CompoundCall.Expect(ref reader, OperationCode.SaveFh);
        ExpectDirectory(ref reader, scratch);
        CompoundCall.Expect(ref reader, OperationCode.Remove);
        Remove.SkipResult(ref reader);
        CompoundCall.Expect(ref reader, OperationCode.RestoreFh);
        bool whole = true;
        bool same = true;
        foreach (Transfer transfer in scratch.Plan)
        {
            if (transfer.IsWrite)
            {
                CompoundCall.Expect(ref reader, OperationCode.Write);
                whole &= Write.Decode(ref reader, transfer.Length).Count == transfer.Length;
                continue;
            }
            CompoundCall.Expect(ref reader, OperationCode.Read);
            reader.ReadBool();
            ReadOnlySpan<byte> read = reader.ReadOpaque(transfer.Length);
            whole &= read.Length == transfer.Length;
            same &= read.SequenceEqual(transfer.Of(scratch.Data)[..read.Length]);
        }
        return !whole ? null : same;
    }

    private static (byte[] Handle, StateId Open) DecodeOpen(ref XdrReader reader, Scratch scratch)
    {
        ExpectDirectory(ref reader, scratch);
        CompoundCall.Expect(ref reader, OperationCode.Open);
        StateId open = Open.Decode(ref reader);
        CompoundCall.Expect(ref reader, OperationCode.GetFh);
        return (FileHandle.DecodeGet(ref reader), open);
    }

    private static void ExpectDirectory(ref XdrReader reader, Scratch scratch)
    {
        CompoundCall.Expect(ref reader, OperationCode.PutRootFh);
        foreach (string _ in scratch.Directory)
            CompoundCall.Expect(ref reader, OperationCode.Lookup);
    }

    /// <summary>
    /// Closes the scratch file of a COMPOUND that ended early, and removes the name if the name still exists. If the cleaning fails, the
    /// end of the lease closes the file.
    /// </summary>
    private async Task CleanAsync(CompoundCall call, Scratch scratch)
    {
        int behindOpen = 1 + 1 + scratch.Directory.Length + 2;
        // The last result is that of the operation that failed.
        if (call.ResultCount <= behindOpen)
            return;
        XdrReader reader = call.Results;
        (byte[] handle, StateId open) = DecodeOpen(ref reader, scratch);
        await RepeatedRequest.RunAsync(
            session,
            "CLOSE",
            (ref XdrWriter writer) =>
            {
                FileHandle.EncodePut(ref writer, handle);
                Close.Encode(ref writer, open);
            },
            CancellationToken.None);
        int behindRemove = behindOpen + 1 + 1 + scratch.Directory.Length + 1;
        if (call.ResultCount > behindRemove)
            return;
        await RepeatedRequest.RunAsync(
            session,
            "REMOVE",
            (ref XdrWriter writer) =>
            {
                EncodeDirectory(ref writer, scratch);
                Remove.Encode(ref writer, scratch.Name);
            },
            CancellationToken.None);
    }

    /// <summary>
    /// The pieces of the test. For READs: one WRITE, whose data is read in pieces. For all: WRITEs with READs among them, as real requests
    /// are mixed, which together cover all of the data.
    /// </summary>
    private static IEnumerable<Transfer> Plan(NfsPacking packing, int[] lengths)
    {
        bool severalWrites = packing == NfsPacking.All;
        int sum = lengths.Sum();
        if (!severalWrites)
            yield return new Transfer(IsWrite: true, 0, sum);
        int at = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            yield return new Transfer(severalWrites, at, lengths[i]);
            at += lengths[i];
            if (severalWrites && i == lengths.Length / 2)
                yield return new Transfer(IsWrite: false, 0, lengths[0]);
        }
        if (severalWrites)
            yield return new Transfer(IsWrite: false, 0, sum);
    }

    /// <summary>A WRITE or READ of the scratch file, in bytes.</summary>
    private readonly record struct Transfer(bool IsWrite, int At, int Length)
    {
        public ReadOnlySpan<byte> Of(byte[] data) => data.AsSpan(At, Length);
    }

    /// <summary>A file that exists within one COMPOUND.</summary>
    private sealed record Scratch(string[] Directory, string Name, Transfer[] Plan, byte[] Data);

    /// <summary>The knowledge about one way to pack.</summary>
    private sealed class Rung(NfsPacking packing)
    {
        private long _proven = NoEpoch;
        private long _refuted = NoEpoch;

        public NfsPacking Packing => packing;

        /// <summary>Time stamp of the last test; 0 when there was no test, or when the last test need not count.</summary>
        public long AskedAt { get; set; }

        public bool IsProven(long epoch) => Volatile.Read(ref _proven) == epoch;

        public bool IsKnown(long epoch) => IsProven(epoch) || Volatile.Read(ref _refuted) == epoch;

        public void Note(long epoch, bool shown) => Volatile.Write(ref shown ? ref _proven : ref _refuted, epoch);
    }
}
