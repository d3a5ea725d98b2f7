using System.Security.Cryptography;
using Lofizone.Nfs;
using Lofizone.Nfs.Options;
using Lofizone.Testing;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>A server's answers about the lock of a file.</summary>
internal static class ServerLock
{
    /// <summary>Waits until the server has dropped the lock of an engine that does not renew its lease.</summary>
    public static async Task EndedAsync(GaneshaServer server, string path, CancellationToken cancellation)
    {
        NfsClientOptions options = new() { Server = server.Host, Port = server.Port, ClientOwner = RandomNumberGenerator.GetBytes(16) };
        await using NfsClient client = await NfsClient.ConnectAsync(options, cancellation);
        await Wait.UntilAsync(
            async () => await client.GetLockHolderAsync(path, cancellation) is null, $"the server does not drop the lock of {path}", cancellation);
    }
}
