using System.Security.Cryptography;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Session;

/// <summary>
/// Whether the server stores what several WRITEs of one COMPOUND carry. Not all do: the Linux kernel's (svc_fill_write_vector in
/// net/sunrpc/svc.c, until it uses xdr_buf_to_bvec) takes the data of a WRITE that begins behind the message's first 4 KiB from the start
/// of a page, wherever it stands in it, and reports success. No version or name tells, so the server is made to show it: one COMPOUND makes a
/// scratch file beside the image, removes its name, writes pieces of random data, reads all back and closes. Until that has
/// gone well in the session as it is now, every WRITE goes alone. Asked only when there are WRITEs to pack.
/// </summary>
/// <remarks>
/// The COMPOUND works with the current state ID (RFC 8881 section 16.2.3.1.2) and removes the name before it writes, so that the death of this
/// process leaves nothing behind: the server executes all of it or nothing. A proof counts for one epoch of the session only: a server
/// that was restarted, perhaps as another version, is another session and must prove it anew.
/// </remarks>
internal sealed class PackedWriteProof(NfsSession session)
{
    /// <summary>Scratch files begin with this; what follows is random.</summary>
    public const string NamePrefix = ".lofizone-probe-";

    /// <summary>Lengths of the WRITEs, again and again: blocks as they are packed, at changing places of the message's pages, bytes.</summary>
    private static readonly int[] _lengths = [512, 1024, 4096, 4096, 4096, 512, 8192, 4096, 1536, 4096, 16384, 4096];

    /// <summary>No server is asked more often, if it could not or would not say.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromMinutes(1);

    private const int LeastWrites = 2;
    private const int NoEpoch = -1;
    private const int RandomNameBytes = 8;
    private const int OwnerBytes = 16;
    private const uint ScratchMode = 0x180;

    /// <summary>Heads, names and the owner.</summary>
    private const int HeadBytes = 2048;

    /// <summary>LOOKUP of a name, at most.</summary>
    private const int NameBytes = 264;

    /// <summary>SEQUENCE, two ways to the directory without the names, OPEN, GETFH, SAVEFH, REMOVE, RESTOREFH, READ twice, CLOSE.</summary>
    private const int OtherOperations = 11;

    private readonly NfsClientOptions _options = session.Options;
    private long _provenEpoch = NoEpoch;
    private long _refutedEpoch = NoEpoch;
    private long _askedAt;
    private int _asking;

    /// <summary>The epoch for which several WRITEs may go in one COMPOUND, see <see cref="CompoundCall.Epoch"/>; null when they must not now.</summary>
    public long? Epoch
    {
        get
        {
            if (_options.PackWrites is { } known)
                return known ? session.Epoch : null;
            long epoch = session.Epoch;
            return Volatile.Read(ref _provenEpoch) == epoch ? epoch : null;
        }
    }

    /// <summary>WRITEs wait for each other: asks the server, unless it was asked lately. Never waits.</summary>
    /// <param name="file">The scratch file is made in its directory; nothing is asked for one that is fenced.</param>
    public void Ask(IPackedFile file)
    {
        long epoch = session.Epoch;
        if (_options.PackWrites is not null || Volatile.Read(ref _provenEpoch) == epoch || Volatile.Read(ref _refutedEpoch) == epoch)
            return;
        if (file.IsFenced || file.IsLost || Interlocked.CompareExchange(ref _asking, 1, 0) != 0)
            return;
        if (_askedAt != 0 && _options.TimeProvider.GetElapsedTime(_askedAt) < _pause)
        {
            Volatile.Write(ref _asking, 0);
            return;
        }
        _askedAt = _options.TimeProvider.GetTimestamp();
        _ = AskAsync(file);
    }

    private async Task AskAsync(IPackedFile file)
    {
        try
        {
            (bool? stored, long epoch) = await TryAsync(file);
            if (stored == true)
                Volatile.Write(ref _provenEpoch, epoch);
            else if (stored == false)
                Volatile.Write(ref _refutedEpoch, epoch);
            session.Statistics.SetPackedWrites(stored);
            // Restarted meanwhile: the next one is another server, and need not wait.
            if (epoch != session.Epoch)
                _askedAt = 0;
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // No answer in time, or closed, or fenced: nothing is known, and WRITEs go alone as before.
            session.Statistics.SetPackedWrites(null);
        }
        finally
        {
            Volatile.Write(ref _asking, 0);
        }
    }

    /// <summary>Null when the server would not take it (no right to make files there, no room, fewer operations), with the epoch asked in.</summary>
    private async Task<(bool? Stored, long Epoch)> TryAsync(IPackedFile file)
    {
        string[] names = NfsClient.Split(file.Path);
        // All of it goes both ways, and the Linux kernel's server has the pages of one message for the request and its reply together.
        int dataBytes = Math.Min(RequestPacker.DataBytes, Math.Min(session.MaxReadBytes, session.MaxWriteBytes) / 2 - _lengths.Max());
        int[] lengths = [.. Lengths(Math.Min(session.MaxOperations, SessionSizes.Operations) - OtherOperations - 2 * (names.Length - 1), dataBytes)];
        if (names.Length == 0 || lengths.Length < LeastWrites)
            return (null, session.Epoch);
        byte[] data = RandomNumberGenerator.GetBytes(lengths.Sum());
        Scratch scratch = new(names[..^1], NamePrefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomNameBytes)), lengths, data);
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
        Open.Encode(ref writer, session.ClientId, owner, scratch.Name, new NfsOpenOptions { Create = NfsCreate.Guarded, Write = true, Mode = ScratchMode });
        FileHandle.EncodeGet(ref writer);
        FileHandle.EncodeSave(ref writer);
        EncodeDirectory(ref writer, scratch);
        Remove.Encode(ref writer, scratch.Name);
        FileHandle.EncodeRestore(ref writer);
        int at = 0;
        for (int i = 0; i < scratch.Lengths.Length; i++)
        {
            int length = scratch.Lengths[i];
            Write.EncodeHead(ref writer, StateId.Current, at, Stability.Unstable, length);
            writer.WriteFixed(scratch.Data.AsSpan(at, length));
            at += length;
            // READs and WRITEs are mixed as they come.
            if (i == scratch.Lengths.Length / 2)
                Read.Encode(ref writer, StateId.Current, 0, scratch.Lengths[0]);
        }
        Read.Encode(ref writer, StateId.Current, 0, scratch.Data.Length);
        Close.Encode(ref writer, StateId.Current);
    }

    private static void EncodeDirectory(ref XdrWriter writer, Scratch scratch)
    {
        FileHandle.EncodePutRoot(ref writer);
        foreach (string name in scratch.Directory)
            Lookup.Encode(ref writer, name);
    }

    /// <summary>True when everything that was written is what is read; null when not all of it was taken or given back.</summary>
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
        for (int i = 0; i < scratch.Lengths.Length; i++)
        {
            CompoundCall.Expect(ref reader, OperationCode.Write);
            whole &= Write.Decode(ref reader, scratch.Lengths[i]).Count == scratch.Lengths[i];
            if (i == scratch.Lengths.Length / 2)
                DecodeRead(ref reader, scratch.Data.AsSpan(0, scratch.Lengths[0]), ref whole, ref same);
        }
        DecodeRead(ref reader, scratch.Data, ref whole, ref same);
        return !whole ? null : same;
    }

    private static void DecodeRead(ref XdrReader reader, ReadOnlySpan<byte> expected, ref bool whole, ref bool same)
    {
        CompoundCall.Expect(ref reader, OperationCode.Read);
        reader.ReadBool();
        ReadOnlySpan<byte> read = reader.ReadOpaque(expected.Length);
        whole &= read.Length == expected.Length;
        same &= read.SequenceEqual(expected[..read.Length]);
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

    /// <summary>The COMPOUND ended early: closes what it has opened, and removes the name if it still stands. What fails here the end of the lease mends.</summary>
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

    /// <summary>A file that exists within one COMPOUND.</summary>
    private sealed record Scratch(string[] Directory, string Name, int[] Lengths, byte[] Data);
}
