using System.Buffers.Binary;
using CsCheck;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Printing;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Xdr;
using Lofizone.Observation;
using Lofizone.Testing.Fuzz;

namespace Lofizone.Nfs.Tests;

/// <summary>Calls and replies as a trace shows them.</summary>
public sealed class MessageTextTests
{
    private const int Mutated = 20_000;

    private static readonly StateId _state = new(3, 0x1122334455667788, 0x99AABBCC);
    private static readonly SessionId _session = new(0xA, 0xB);
    private static readonly byte[] _owner = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];

    private delegate void Encoder(ref XdrWriter writer);

    /// <summary>Every operation as the client encodes it, and its line.</summary>
    private static readonly (OperationCode Code, Encoder Encode, string Text)[] _calls =
    [
        (OperationCode.Access, (ref w) => Access.Encode(ref w, NfsAccess.Read | NfsAccess.Modify), "ACCESS access READ|MODIFY"),
        (OperationCode.Close, (ref w) => Close.Encode(ref w, _state), "CLOSE seqid 0 open_stateid 3:112233445566778899aabbcc"),
        (OperationCode.Commit, (ref w) => Commit.Encode(ref w), "COMMIT offset 0 count 0"),
        (OperationCode.Create, (ref w) => Create.EncodeDirectory(ref w, "web", 0x1C0), "CREATE objtype NF4DIR objname \"web\" createattrs { mode 700 }"),
        (OperationCode.GetAttr, (ref w) => GetAttr.Encode(ref w, GetAttr.ServerAttributes), "GETATTR attr_request [type lease_time]"),
        (OperationCode.GetFh, (ref w) => FileHandle.EncodeGet(ref w), "GETFH"),
        (OperationCode.Lock, (ref w) => Locking.Encode(ref w, _state, 7, _owner, reclaim: true),
            "LOCK locktype WRITE_LT reclaim true offset 0 length all new_lock_owner true open_seqid 0 open_stateid 3:112233445566778899aabbcc lock_seqid 0 clientid 0000000000000007 owner 16 bytes #"),
        (OperationCode.Lock, (ref w) => Locking.EncodeAgain(ref w, _state),
            "LOCK locktype WRITE_LT reclaim false offset 0 length all new_lock_owner false lock_stateid 3:112233445566778899aabbcc lock_seqid 0"),
        (OperationCode.LockT, (ref w) => Locking.EncodeTest(ref w, 7, _owner), "LOCKT locktype WRITE_LT offset 0 length all clientid 0000000000000007 owner 16 bytes #"),
        (OperationCode.LockU, (ref w) => Locking.EncodeUnlock(ref w, _state), "LOCKU locktype WRITE_LT seqid 0 lock_stateid 3:112233445566778899aabbcc offset 0 length all"),
        (OperationCode.Lookup, (ref w) => Lookup.Encode(ref w, "a\nb\""), "LOOKUP objname \"a.b.\""),
        (OperationCode.Open, (ref w) => Open.Encode(ref w, 7, _owner, "root.img", new NfsOpenOptions { Write = true, DenyWrite = true, Create = NfsCreate.Guarded, Mode = 0x180 }, verifier: 0xFEED),
            "OPEN seqid 0 share_access 0x403 share_deny OPEN4_SHARE_DENY_WRITE clientid 0000000000000007 owner 16 bytes #"),
        (OperationCode.Open, (ref w) => Open.EncodeReclaim(ref w, 7, _owner, new NfsOpenOptions()), "OPEN seqid 0 share_access 0x401 share_deny OPEN4_SHARE_DENY_NONE clientid"),
        (OperationCode.Open, (ref w) => Open.EncodeByHandle(ref w, 7, _owner, new NfsOpenOptions()), "OPEN seqid 0 share_access 0x401 share_deny OPEN4_SHARE_DENY_NONE clientid"),
        (OperationCode.PutFh, (ref w) => FileHandle.EncodePut(ref w, [1, 2, 3]), "PUTFH object 3 bytes #"),
        (OperationCode.PutRootFh, (ref w) => FileHandle.EncodePutRoot(ref w), "PUTROOTFH"),
        (OperationCode.Read, (ref w) => Read.Encode(ref w, _state, 8192, 4096), "READ stateid 3:112233445566778899aabbcc offset 8192 count 4096"),
        (OperationCode.ReadDir, (ref w) => ReadDir.Encode(ref w, new ReadDir.Cursor(5, 6)),
            "READDIR cookie 5 cookieverf 0000000000000006 dircount 32768 maxcount 32768 attr_request [type size rdattr_error fileid mode space_used time_modify]"),
        (OperationCode.Remove, (ref w) => Remove.Encode(ref w, "old"), "REMOVE target \"old\""),
        (OperationCode.Rename, (ref w) => Rename.Encode(ref w, "old", "new"), "RENAME oldname \"old\" newname \"new\""),
        (OperationCode.RestoreFh, (ref w) => FileHandle.EncodeRestore(ref w), "RESTOREFH"),
        (OperationCode.SaveFh, (ref w) => FileHandle.EncodeSave(ref w), "SAVEFH"),
        (OperationCode.SetAttr, (ref w) => SetAttr.Encode(ref w, _state, 1 << 20, 0x180), "SETATTR stateid 3:112233445566778899aabbcc obj_attributes { size 1048576 mode 600 }"),
        (OperationCode.BindConnToSession, (ref w) => BindConnToSession.Encode(ref w, _session), "BIND_CONN_TO_SESSION sessid 000000000000000a000000000000000b dir CDFC4_FORE use_conn_in_rdma_mode false"),
        (OperationCode.ExchangeId, (ref w) => ExchangeId.Encode(ref w, 0xFEED, _owner), "EXCHANGE_ID co_verifier 000000000000feed co_ownerid 16 bytes #"),
        (OperationCode.CreateSession, (ref w) => CreateSession.Encode(ref w, 7, 1, new CreateSession.Channel(4096, 8192, 512, 8, 64)),
            "CREATE_SESSION clientid 0000000000000007 sequence 1 flags 0 fore_chan_attrs { headerpadsize 0 maxrequestsize 4096 maxresponsesize 8192 maxresponsesize_cached 512 maxoperations 8 maxrequests 64 } back_chan_attrs {"),
        (OperationCode.DestroySession, (ref w) => Destroy.EncodeSession(ref w, _session), "DESTROY_SESSION sessionid 000000000000000a000000000000000b"),
        (OperationCode.DestroyClientId, (ref w) => Destroy.EncodeClientId(ref w, 7), "DESTROY_CLIENTID clientid 0000000000000007"),
        (OperationCode.FreeStateId, (ref w) => StateIdCheck.EncodeFree(ref w, _state), "FREE_STATEID stateid 3:112233445566778899aabbcc"),
        (OperationCode.TestStateId, (ref w) => StateIdCheck.EncodeTest(ref w, _state, _state), "TEST_STATEID stateid 3:112233445566778899aabbcc stateid 3:112233445566778899aabbcc"),
        (OperationCode.Sequence, (ref w) => Sequence.Encode(ref w, cache: true), "SEQUENCE sessionid 00000000000000000000000000000000 sequenceid 0 slotid 0 highest_slotid 0 cachethis true"),
        (OperationCode.ReclaimComplete, (ref w) => ReclaimComplete.Encode(ref w), "RECLAIM_COMPLETE one_fs false"),
        (OperationCode.Allocate, (ref w) => Allocate.Encode(ref w, _state, 1, 2), "ALLOCATE stateid 3:112233445566778899aabbcc offset 1 length 2"),
        (OperationCode.Deallocate, (ref w) => Deallocate.Encode(ref w, _state, 1, 2), "DEALLOCATE stateid 3:112233445566778899aabbcc offset 1 length 2"),
        (OperationCode.Seek, (ref w) => Seek.Encode(ref w, _state, 1, hole: true), "SEEK stateid 3:112233445566778899aabbcc offset 1 what NFS4_CONTENT_HOLE"),
        (OperationCode.Copy, (ref w) => Copy.Encode(ref w, _state, default, 1, 2, 3, synchronous: true),
            "COPY src_stateid 3:112233445566778899aabbcc dst_stateid 0:000000000000000000000000 src_offset 1 dst_offset 2 count 3 consecutive true synchronous true source_servers 0"),
        (OperationCode.Clone, (ref w) => Copy.EncodeClone(ref w, _state, default, 1, 2, 3),
            "CLONE src_stateid 3:112233445566778899aabbcc dst_stateid 0:000000000000000000000000 src_offset 1 dst_offset 2 count 3"),
        (OperationCode.OffloadStatus, (ref w) => Copy.EncodeStatus(ref w, _state), "OFFLOAD_STATUS stateid 3:112233445566778899aabbcc"),
        (OperationCode.OffloadCancel, (ref w) => Copy.EncodeCancel(ref w, _state), "OFFLOAD_CANCEL stateid 3:112233445566778899aabbcc"),
        // WRITE comes last: its data stands behind the request.
        (OperationCode.Write, (ref w) => Write.EncodeHead(ref w, _state, 4096, Stability.Unstable, 11), "WRITE stateid 3:112233445566778899aabbcc offset 4096 stable UNSTABLE4 data 11 bytes"),
    ];

    /// <summary>A reply of every operation in words of XDR, and its line.</summary>
    private static readonly (uint[] Words, string Text)[] _results =
    [
        ([3, 0, 0x3F, 1], "ACCESS NFS4_OK supported READ|LOOKUP|MODIFY|EXTEND|DELETE|EXECUTE access READ"),
        ([4, 0, 1, 2, 3, 4], "CLOSE NFS4_OK open_stateid 1:000000020000000300000004"),
        ([5, 0, 1, 2], "COMMIT NFS4_OK writeverf 0000000100000002"),
        ([6, 0, 1, 0, 1, 0, 2, 1, 2], "CREATE NFS4_OK cinfo { atomic true before 0000000000000001 after 0000000000000002 } attrset [type]"),
        ([9, 0, 2, 0x12, 2, 16, 1, 0, 4096, 0x1A4], "GETATTR NFS4_OK obj_attributes { type NF4REG size 4096 mode 644 }"),
        ([9, 0, 1, 0x40000, 4, 1], "GETATTR NFS4_OK obj_attributes { chown_restricted 1 }"),
        ([10, 0, 4, 0x01020304], "GETFH NFS4_OK object 4 bytes #"),
        ([12, 0, 1, 2, 3, 4], "LOCK NFS4_OK lock_stateid 1:000000020000000300000004"),
        ([12, 10010, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF, 2, 0, 9, 4, 0x61626364], "LOCK NFS4ERR_DENIED offset 0 length all locktype WRITE_LT clientid 0000000000000009 owner 4 bytes #"),
        ([14, 0, 1, 2, 3, 4], "LOCKU NFS4_OK lock_stateid 1:000000020000000300000004"),
        ([15, 2], "LOOKUP NFS4ERR_NOENT"),
        ([18, 0, 1, 2, 3, 4, 1, 0, 1, 0, 2, 4, 0, 0], "OPEN NFS4_OK stateid 1:000000020000000300000004 cinfo { atomic true before 0000000000000001 after 0000000000000002 } rflags LOCKTYPE_POSIX attrset [] delegation OPEN_DELEGATE_NONE"),
        ([18, 0, 1, 2, 3, 4, 1, 0, 1, 0, 2, 0, 0, 3, 1, 1], "delegation OPEN_DELEGATE_NONE_EXT why WND4_CONTENTION will_tell true"),
        ([26, 0, 0, 1, 1, 0, 5, 1, 0x61000000, 1, 2, 4, 1, 0, 1], "READDIR NFS4_OK cookieverf 0000000000000001 entry { cookie 5 name \"a\" attrs { type NF4REG } } eof true"),
        ([28, 0, 0, 0, 1, 0, 2], "REMOVE NFS4_OK cinfo { atomic false before 0000000000000001 after 0000000000000002 }"),
        ([29, 0, 0, 0, 1, 0, 2, 0, 0, 3, 0, 4], "target_cinfo { atomic false before 0000000000000003 after 0000000000000004 }"),
        ([34, 28, 1, 0x10], "SETATTR NFS4ERR_NOSPC attrsset [size]"),
        ([38, 0, 11, 2, 0, 1], "WRITE NFS4_OK count 11 committed FILE_SYNC4 writeverf 0000000000000001"),
        ([41, 0, 0, 0, 0, 1, 1, 0], "BIND_CONN_TO_SESSION NFS4_OK sessid 00000000000000000000000000000001 dir CDFS4_FORE use_conn_in_rdma_mode false"),
        ([42, 0, 0, 7, 1, 0x10000, 0, 0, 1, 4, 0x66616B65, 4, 0x66616B65, 0], "EXCHANGE_ID NFS4_OK clientid 0000000000000007 sequenceid 1 flags 0x10000 state_protect SP4_NONE so_minor_id 1 so_major_id 4 bytes #"),
        ([43, 0, 0, 0, 0, 1, 1, 0, 0, 1, 2, 3, 4, 5, 0, 0, 1, 2, 3, 4, 5, 0], "CREATE_SESSION NFS4_OK sessionid 00000000000000000000000000000001 sequence 1 flags 0 fore_chan_attrs { headerpadsize 0 maxrequestsize 1"),
        ([53, 0, 0, 0, 0, 1, 9, 2, 3, 4, 0x101], "SEQUENCE NFS4_OK sessionid 00000000000000000000000000000001 sequenceid 9 slotid 2 highest_slotid 3 target_highest_slotid 4 status_flags CB_PATH_DOWN|RESTART_RECLAIM_NEEDED"),
        ([55, 0, 2, 0, 10025], "TEST_STATEID NFS4_OK status_code NFS4_OK status_code NFS4ERR_BADSTATEID"),
        ([60, 0, 0, 0, 4096, 2, 0, 1, 1, 1], "COPY NFS4_OK count 4096 committed FILE_SYNC4 writeverf 0000000000000001 consecutive true synchronous true"),
        ([60, 10094, 1, 0], "COPY NFS4ERR_OFFLOADNOREQS consecutive true synchronous false"),
        ([67, 0, 0, 512, 1, 28], "OFFLOAD_STATUS NFS4_OK count 512 complete NFS4ERR_NOSPC"),
        ([69, 0, 1, 0, 4096], "SEEK NFS4_OK eof true offset 4096"),
        ([13, 0], "LOCKT NFS4_OK"),
        ([22, 0], "PUTFH NFS4_OK"),
        ([24, 0], "PUTROOTFH NFS4_OK"),
        ([31, 0], "RESTOREFH NFS4_OK"),
        ([32, 0], "SAVEFH NFS4_OK"),
        ([44, 0], "DESTROY_SESSION NFS4_OK"),
        ([45, 0], "FREE_STATEID NFS4_OK"),
        ([57, 0], "DESTROY_CLIENTID NFS4_OK"),
        ([58, 0], "RECLAIM_COMPLETE NFS4_OK"),
        ([59, 0], "ALLOCATE NFS4_OK"),
        ([62, 0], "DEALLOCATE NFS4_OK"),
        ([66, 0], "OFFLOAD_CANCEL NFS4_OK"),
        ([71, 0], "CLONE NFS4_OK"),
        ([25, 0, 1, 8, 0x73656372, 0x65742121], "READ NFS4_OK eof true data 8 bytes"),
    ];

    [Fact]
    public void Every_operation_of_a_call_is_told_with_its_arguments()
    {
        foreach ((OperationCode code, Encoder encode, string text) in _calls)
        {
            byte[] call = Call(code == OperationCode.Write, encode);
            string told = NfsMessageText.Describe(MessageKind.Call, call);
            Assert.StartsWith("xid 00000a01 COMPOUND machinename \"host\" uid 0 gid 5 tag \"\" minorversion 2: ", told, StringComparison.Ordinal);
            Assert.Contains($": {text}", told, StringComparison.Ordinal);
            Assert.DoesNotContain("…", told, StringComparison.Ordinal);
        }

        Assert.Equal(Enum.GetValues<OperationCode>(), _calls.Select(c => c.Code).Distinct().Order());
    }

    [Fact]
    public void Every_operation_of_a_reply_is_told_with_its_results()
    {
        foreach ((uint[] words, string text) in _results)
        {
            string told = NfsMessageText.Describe(MessageKind.Reply, Reply(words));
            Assert.StartsWith("xid 00000a01 COMPOUND NFS4", told, StringComparison.Ordinal);
            Assert.Contains(text, told, StringComparison.Ordinal);
            Assert.DoesNotContain("…", told, StringComparison.Ordinal);
        }

        Assert.Equal(Enum.GetValues<OperationCode>(), _results.Select(r => (OperationCode)r.Words[0]).Distinct().Order());
    }

    [Fact]
    public void Operations_behind_data_are_told_whether_the_data_is_there_or_left_out()
    {
        uint[] start = [0xA01, 1, 0, 0, 0, 0, 0, 0, 2];
        byte[] whole = Words([.. start, 25, 0, 0, 5, 0x73656372, 0x65000000, 25, 0, 1, 0]);
        byte[] without = Words([.. start, 25, 0, 0, 5, 25, 0, 1, 0]);
        const string Told = "xid 00000a01 COMPOUND NFS4_OK tag \"\": READ NFS4_OK eof false data 5 bytes; READ NFS4_OK eof true data 0 bytes";
        Assert.Equal(Told, NfsMessageText.Describe(MessageKind.Reply, whole));
        Assert.Equal(Told, NfsMessageText.Describe(MessageKind.Reply, without, dataLeftOut: true));
    }

    [Fact]
    public void Calls_and_replies_of_another_kind_are_told_too()
    {
        byte[] ping = RpcMessage.BuildNullCall()[RpcMessage.RecordMarkBytes..];
        Assert.Equal("xid 00000000 NULL program 100003 version 4", NfsMessageText.Describe(MessageKind.Call, ping));
        Assert.Equal("xid 00000001 NULL", NfsMessageText.Describe(MessageKind.Reply, Words(1, 1, 0, 0, 0, 0)));
        Assert.Equal("xid 00000001 accept_stat 2", NfsMessageText.Describe(MessageKind.Reply, Words(1, 1, 0, 0, 0, 2, 4, 4)));
        Assert.Equal("xid 00000001 MSG_DENIED AUTH_ERROR stat 5", NfsMessageText.Describe(MessageKind.Reply, Words(1, 1, 1, 1, 5)));
        Assert.Equal("xid 00000001", NfsMessageText.Describe(MessageKind.Reply, Words(1)));
        Assert.Contains("no call", NfsMessageText.Describe(MessageKind.Call, Words(1, 1)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_others_could_use_is_not_told()
    {
        byte[] call = Call(isWrite: false, (ref w) => ExchangeId.Encode(ref w, 1, "the owner's secret"u8));
        Assert.DoesNotContain("secret", NfsMessageText.Describe(MessageKind.Call, call), StringComparison.Ordinal);
    }

    [Fact]
    public void Any_bytes_are_told_in_one_line_of_bounded_length()
    {
        byte[][] calls = [.. _calls.Select(c => Call(c.Code == OperationCode.Write, c.Encode))];
        byte[][] replies = [.. _results.Select(r => Reply(r.Words))];
        Gen.Select(Gen.Bool, Gen.Int[0, 1000], Gen.Int, Gen.Bool).Sample(
            (isCall, index, seed, dataLeftOut) =>
            {
                byte[][] valid = isCall ? calls : replies;
                string told = NfsMessageText.Describe(isCall ? MessageKind.Call : MessageKind.Reply, Mutations.Of(valid[index % valid.Length], seed), dataLeftOut);
                Assert.InRange(told.Length, 1, NfsMessageText.LimitCharacters + 2);
                Assert.DoesNotContain(told, c => char.IsControl(c));
            },
            iter: Mutated);
        Gen.Byte.Array[0, 200].Sample(bytes => Assert.InRange(NfsMessageText.Describe(MessageKind.Call, bytes).Length, 1, NfsMessageText.LimitCharacters + 2));
    }

    [Fact]
    public void Attributes_that_are_asked_for_have_a_form()
    {
        foreach (Bitmap mask in (Bitmap[])[GetAttr.FileAttributes, GetAttr.EntryAttributes, GetAttr.SpaceAttributes, GetAttr.ServerAttributes])
        {
            for (int attribute = 0; attribute < AttributeNames.Limit; attribute++)
                Assert.False(mask.Has(attribute) && AttributeNames.FormOf(attribute) == AttributeForm.Other, AttributeNames.Of(attribute));
        }
    }

    private static byte[] Call(bool isWrite, Encoder encode)
    {
        byte[] buffer = new byte[2048];
        XdrWriter writer = new(buffer);
        byte[] prefix = RpcMessage.BuildPrefix("host", 0, 5);
        writer.WriteFixed(prefix);
        writer.WriteUInt32(0);
        writer.WriteUInt32(2);
        int count = writer.Position;
        writer.WriteUInt32(0);
        encode(ref writer);
        BinaryPrimitives.WriteUInt32BigEndian(buffer.AsSpan(count), (uint)writer.Operations);
        if (isWrite)
            writer.WriteFixed(new byte[11]);
        RpcMessage.SetXid(buffer, 0xA01);
        return buffer[RpcMessage.RecordMarkBytes..writer.Position];
    }

    private static byte[] Reply(uint[] result) => Words([0xA01, 1, 0, 0, 0, 0, result[1], 0, 1, .. result]);

    private static byte[] Words(params uint[] words)
    {
        byte[] bytes = new byte[words.Length * 4];
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(i * 4), words[i]);
        return bytes;
    }
}
