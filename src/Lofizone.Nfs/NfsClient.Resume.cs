using Lofizone.Nfs.Options;
using Lofizone.Nfs.Resume;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session;

namespace Lofizone.Nfs;

/// <summary>Taking over from a process that was killed.</summary>
public sealed partial class NfsClient
{
    /// <summary>More files than an engine opens.</summary>
    private const int PredecessorsOwners = 1000;

    /// <summary>Memory in which a client has kept an open and locked file.</summary>
    public static bool CanResume(NfsResumeMemory memory) => memory.ReadState() is { File.Lock: not null };

    /// <summary>Completes when the server has answered for the first time; for a resumed client that takes as long as the server is away.</summary>
    public Task WhenReady => _session.WhenReady;

    /// <summary>
    /// Goes on where the process that filled <see cref="NfsClientOptions.ResumeMemory"/> was: as the same client, with its open file, its
    /// lock and its uncommitted data. Does not wait for the server: requests wait, without limit, as they do on every open file.
    /// The process must have ended: two at work with one memory destroy each other's data.
    /// </summary>
    /// <param name="options">As the predecessor's; the client owner is taken from the memory.</param>
    /// <exception cref="InvalidDataException">The memory holds no open file, or what no predecessor can have written.</exception>
    /// <param name="proof">By which a lost lock may be taken again, see <see cref="NfsFile.GuardBy"/>; null fences the file then.</param>
    public static (NfsClient Client, NfsFile File) Resume(NfsClientOptions options, IOwnershipProof? proof = null)
    {
        options.Validate();
        NfsAddress[] addresses = [new(options.Server, options.Port), .. options.OtherAddresses];
        return Resume(options, [.. addresses.Select(address => new TcpConnector(address.Host, address.Port, options.TimeProvider))], proof);
    }

    internal static (NfsClient Client, NfsFile File) Resume(NfsClientOptions options, IReadOnlyList<IRpcConnector> paths, IOwnershipProof? proof = null)
    {
        NfsResumeMemory memory = options.ResumeMemory ?? throw new ArgumentException("no memory to resume from", nameof(options));
        if (memory.ReadState() is not { File: { } kept } state)
            throw new InvalidDataException("the memory of the predecessor holds no open file");
        NfsSession session = new(options with { ClientOwner = state.ClientOwner }, paths);
        NfsClient client = new(session);
        NfsFile file = new(session, client._buffers.Value, kept);
        // Not to be given to another file of this client: the predecessor had some.
        client._owners = PredecessorsOwners;
        if (proof is not null && !file.IsFenced)
            file.GuardBy(proof);
        session.Register(file);
        session.Resume(state, resend: !file.KeptUnderOneVerifier);
        file.CommitKept();
        return (client, file);
    }
}
