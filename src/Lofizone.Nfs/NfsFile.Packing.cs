using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Session;

namespace Lofizone.Nfs;

/// <summary>What small reads and writes carry when <see cref="RequestPacker"/> sends them.</summary>
public sealed partial class NfsFile : IPackedFile
{
    bool IPackedFile.IsLost => _lost && !IsFenced && !_closed;

    byte[] IPackedFile.Handle => _handle;

    StateId IPackedFile.StateId => _state.ForIo;

    Stability IPackedFile.Stability => _options.Synchronous ? Stability.FileSync : Stability.Unstable;
}
