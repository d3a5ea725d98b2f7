namespace Lofizone.Nfs.Files;

/// <summary>
/// Tells whether another client held the lock of a file between the moment when the server dropped the lock and the moment when the
/// server gave it again. Every holder writes a small record, durably and under the lock, before it touches the file. A holder that finds
/// its own record under the lock it got back has had no successor. (The file's change attribute proves nothing: it is moved also by own
/// writes whose answers were lost.)
/// </summary>
public interface IOwnershipProof
{
    /// <summary>Most bytes of a record.</summary>
    const int RecordLimitBytes = 4096;

    /// <summary>Absolute path of the record on the server.</summary>
    string RecordPath { get; }

    /// <summary>Judges the record; called on the client's receiving thread, must not block or throw.</summary>
    /// <param name="record">Its content (at most <see cref="RecordLimitBytes"/>); null when there is none or it can't be read.</param>
    /// <returns>
    /// Null when the record is the own one, so that work may go on; otherwise who has the file now, in words for a message.
    /// </returns>
    string? Refuse(ReadOnlyMemory<byte>? record);
}
