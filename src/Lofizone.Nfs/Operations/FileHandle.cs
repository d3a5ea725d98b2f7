using Lofizone.Nfs.Protocol;

namespace Lofizone.Nfs.Operations;

/// <summary>
/// PUTROOTFH, PUTFH, GETFH, SAVEFH and RESTOREFH: the current file handle of a COMPOUND (RFC 8881 sections 18.21, 18.19, 18.8, 18.29,
/// 18.27).
/// </summary>
internal static class FileHandle
{
    /// <summary>NFS4_FHSIZE, RFC 8881 section 3.1.</summary>
    public const int MaxBytes = 128;

    public static void EncodePutRoot(ref Xdr.XdrWriter writer) => writer.WriteOperation(OperationCode.PutRootFh);

    public static void EncodePut(ref Xdr.XdrWriter writer, byte[] handle)
    {
        writer.WriteOperation(OperationCode.PutFh);
        writer.WriteOpaque(handle);
    }

    public static void EncodeGet(ref Xdr.XdrWriter writer) => writer.WriteOperation(OperationCode.GetFh);

    public static void EncodeSave(ref Xdr.XdrWriter writer) => writer.WriteOperation(OperationCode.SaveFh);

    public static void EncodeRestore(ref Xdr.XdrWriter writer) => writer.WriteOperation(OperationCode.RestoreFh);

    /// <summary>Result of GETFH.</summary>
    public static byte[] DecodeGet(ref Xdr.XdrReader reader) => reader.ReadOpaque(MaxBytes).ToArray();
}
