using System.Security.Cryptography;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.State;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Packing;

/// <summary>
/// Finds out whether the server stores what several WRITEs of one COMPOUND carry, and gives what several READs of one ask for. Not all
/// servers do. The Linux kernel's server before it used xdr_buf_to_bvec (svc_fill_write_vector in net/sunrpc/svc.c) takes the data of a
/// WRITE that begins behind the message's first 4 KiB from the start of a page, wherever the data stands in the page, and reports success.
/// Since the kernel's server reads into pages by nfsd_iter_read (fs/nfsd/vfs.c; seen in 6.12), it puts the data of all READs but the first
/// into other pages than it sends, and beyond the last page when the READs are many, which ends its kernel thread. No version or name
/// tells, so the server is made to show what it does: one COMPOUND makes a scratch file beside the image, removes its name, writes random
/// data, reads the data back and closes. Until that has gone well in the current session, every request goes alone. The server is asked
/// only when there are requests to pack, and for READs before WRITEs.
/// </summary>
/// <remarks>
/// The COMPOUND works with the current state ID (RFC 8881 section 16.2.3.1.2) and removes the name before it writes: the death of this
/// process leaves nothing behind, because the server executes all of the COMPOUND or none. Request and reply are together smaller than a
/// message may be, so that a server that reads beyond the pages it sends finds a page there. A proof counts for one epoch of the session
/// only: a restarted server may be another version, and must prove it anew.
/// </remarks>
internal sealed class PackingProof(NfsSession session)
{
    /// <summary>Scratch files begin with this; what follows is random.</summary>
    public const string NamePrefix = ".lofizone-probe-";

    /// <summary>
    /// Lengths of the pieces, used again and again: blocks as they are packed, at changing places of the message's pages, bytes.
    /// </summary>
    private static readonly int[] _lengths = [512, 1024, 4096, 4096, 4096, 512, 8192, 4096, 1536, 4096, 16384, 4096];

    /// <summary>A server that could not or would not say is asked again after this time.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromMinutes(1);

    private const int Least = 2;
    private const int NoEpoch = -1;
    private const int RandomNameBytes = 8;
    private const int OwnerBytes = 16;
    private const uint ScratchMode = 0x180;

    /// <summary>Bytes of heads, names and the owner.</summary>
    private const int HeadBytes = 2048;

    /// <summary>Bytes of a LOOKUP of one name, at most.</summary>
    private const int NameBytes = 264;

    /// <summary>SEQUENCE, two ways to the directory without the names, OPEN, GETFH, SAVEFH, REMOVE, RESTOREFH, READ twice, CLOSE.</summary>
    private const int OtherOperations = 11;

    private readonly NfsClientOptions _options = session.Options;
    private readonly Rung _reads = new(NfsPacking.Reads);
    private readonly Rung _all = new(NfsPacking.All);
    private int _asking;

    /// <summary>
    /// The epoch for which several READs may go in one COMPOUND, see <see cref="CompoundCall.Epoch"/>; null when they must not now.
    /// </summary>
    public long? ReadsEpoch => EpochOf(_reads);

    /// <summary>The same for several WRITEs, and READs and WRITEs together.</summary>
    public long? AllEpoch => EpochOf(_all);

    /// <summary>Called when requests wait for each other: asks the server, unless it was asked lately. Never waits.</summary>
    /// <param name="file">The scratch file is made in its directory; nothing is asked for one that is fenced.</param>
    /// <param name="wanted">What waits; several WRITEs are tried when several READs are known to go well.</param>
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
            // The server was restarted meanwhile: the server that runs now is asked without a pause.
            if (epoch != session.Epoch)
                rung.AskedAt = 0;
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // No answer in time, or closed, or fenced: nothing is known, and requests go alone as before.
            session.Statistics.SetPacking(rung.Packing, null);
        }
        finally
        {
            Volatile.Write(ref _asking, 0);
        }
    }

    /// <summary>
    /// Null when the server does not take the COMPOUND (no right to make files there, no room, fewer operations); with the epoch of the
    /// question.
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
        byte[] data = RandomNumberGenerator.GetBytes(lengths.Sum());
        string name = NamePrefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomNameBytes));
        Scratch scratch = new(names[..^1], name, [.. Plan(packing, lengths)], data);
        CompoundCall call = await Requests.RunAsync(
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

    /// <summary>True when the data read is the data written; null when not all of the data was taken or given back.</summary>
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
    /// The COMPOUND ended early: closes what the COMPOUND has opened, and removes the name if it still stands. If this fails, the end of
    /// the lease does it.
    /// </summary>
    private async Task CleanAsync(CompoundCall call, Scratch scratch)
    {
        int behindOpen = 1 + 1 + scratch.Directory.Length + 2;
        // The last result is the one that failed.
        if (call.ResultCount <= behindOpen)
            return;
        XdrReader reader = call.Results;
        (byte[] handle, StateId open) = DecodeOpen(ref reader, scratch);
        await Requests.RunAsync(
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
        await Requests.RunAsync(
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
    /// For READs: one WRITE, and its data read in pieces. For all: WRITEs with READs among them, as requests are mixed, and all of their
    /// data.
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

    /// <summary>A WRITE or READ of the scratch file, bytes.</summary>
    private readonly record struct Transfer(bool IsWrite, int At, int Length)
    {
        public ReadOnlySpan<byte> Of(byte[] data) => data.AsSpan(At, Length);
    }

    /// <summary>A file that exists within one COMPOUND.</summary>
    private sealed record Scratch(string[] Directory, string Name, Transfer[] Plan, byte[] Data);

    /// <summary>What is known of one way to pack.</summary>
    private sealed class Rung(NfsPacking packing)
    {
        private long _proven = NoEpoch;
        private long _refuted = NoEpoch;

        public NfsPacking Packing => packing;

        /// <summary>When the server was asked last; 0 for never, or when the last question need not count.</summary>
        public long AskedAt { get; set; }

        public bool IsProven(long epoch) => Volatile.Read(ref _proven) == epoch;

        public bool IsKnown(long epoch) => IsProven(epoch) || Volatile.Read(ref _refuted) == epoch;

        public void Note(long epoch, bool shown) => Volatile.Write(ref shown ? ref _proven : ref _refuted, epoch);
    }
}
