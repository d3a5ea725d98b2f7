namespace Lofizone.Nfs;

/// <summary>
/// How the holder of a lock finds out, after the server dropped the lock and gave it again, whether anybody else held it in between.
/// Every holder writes a small record, durably and under the lock, before it touches the file; who finds its own record under the
/// lock it got back has had no successor. (The file's change attribute proves nothing: own writes whose answers were lost move it, too.)
/// </summary>
public interface IOwnershipProof
{
    /// <summary>Absolute path of the record on the server.</summary>
    string RecordPath { get; }

    /// <summary>Judges the record; called on the client's receiving thread, must not block or throw.</summary>
    /// <param name="record">Its content (at most <see cref="NfsFile.ProofLimitBytes"/>); null when there is none or it can't be read.</param>
    /// <returns>Null when it is the own one, so that work may go on; otherwise who has the file now, in words for a message.</returns>
    string? Refuse(ReadOnlyMemory<byte>? record);
}
