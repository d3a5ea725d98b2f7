namespace Lofizone.Nfs.Xdr;

/// <summary>Bytes from the wire are not what the protocol says they are. The connection they came from can't be trusted further.</summary>
internal sealed class XdrException(string message) : IOException("malformed reply: " + message);
