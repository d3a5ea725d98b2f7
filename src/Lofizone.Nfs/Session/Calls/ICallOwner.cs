namespace Lofizone.Nfs.Session.Calls;

/// <summary>The file that a READ, WRITE or COMMIT is for.</summary>
internal interface ICallOwner
{
    /// <summary>The file's lock is lost for good: no request of the file may be sent.</summary>
    bool IsFenced { get; }
}
