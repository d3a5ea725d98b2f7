namespace Lofizone.Nfs.Xdr;

/// <summary>The bytes from the wire do not follow the protocol. Their connection can't be trusted further.</summary>
internal sealed class XdrException(string message) : IOException("malformed reply: " + message);
