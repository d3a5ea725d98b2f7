namespace Lofizone.Nfs.Protocol;

/// <summary>Why a call was not executed (RFC 5531 section 9).</summary>
/// <param name="Why">A sentence.</param>
/// <param name="SpeaksOlderOnly">True when the server told that it knows older versions of NFS.</param>
internal sealed record RpcRefusal(string Why, bool SpeaksOlderOnly = false);
