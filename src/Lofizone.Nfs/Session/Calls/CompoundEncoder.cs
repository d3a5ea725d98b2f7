using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Session.Calls;

/// <summary>Encodes the operations of a COMPOUND behind SEQUENCE.</summary>
internal delegate void CompoundEncoder(ref XdrWriter writer);
