namespace Lofizone.Nfs.Files;

/// <summary>
/// Tells whether another client held the lock of a file between the server's loss of the lock and the server's new grant. Every holder
/// writes a small record, durably and under the lock, before the holder touches the file. A holder that finds its own record under the new
/// lock has had no successor. (The file's change attribute proves nothing, because this client's own writes with lost answers change it,
/// too.)
/// </summary>
public interface IOwnershipProof
{
    /// <summary>Largest size of a record, bytes.</summary>
    const int RecordLimitBytes = 4096;

    /// <summary>Absolute path of the record on the server.</summary>
    string RecordPath { get; }

    /// <summary>Judges the record. Called on the client's receiving thread, so the method must not block or throw.</summary>
    /// <param name="record">
    /// The record's content, at most <see cref="RecordLimitBytes"/> bytes. Null when there is no record or it can't be read.
    /// </param>
    /// <returns>
    /// Null when the record is this holder's own, so that work may go on. Otherwise the present owner, in words for a message.
    /// </returns>
    string? Refuse(ReadOnlyMemory<byte>? record);
}
