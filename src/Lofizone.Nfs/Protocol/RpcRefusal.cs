namespace Lofizone.Nfs.Protocol;

/// <summary>Reason why a call was not executed (RFC 5531 section 9).</summary>
/// <param name="Why">The reason, as a sentence.</param>
/// <param name="SpeaksOlderOnly">True when the server said that it supports older versions of NFS.</param>
internal sealed record RpcRefusal(string Why, bool SpeaksOlderOnly = false);
