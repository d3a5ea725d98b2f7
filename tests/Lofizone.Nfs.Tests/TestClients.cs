using System.Security.Cryptography;
using Lofizone.Nfs.Options;
using Lofizone.Testing.Nfs;

namespace Lofizone.Nfs.Tests;

internal static class TestClients
{
    public static NfsClientOptions Options(this GaneshaServer server, byte[]? nonce = null) => new()
    {
        Server = server.Host,
        Port = server.Port,
        ClientOwner = nonce ?? RandomNumberGenerator.GetBytes(16),
        MachineName = "testhost",
    };

    public static Task<NfsClient> ConnectAsync(this GaneshaServer server) => NfsClient.ConnectAsync(server.Options());
}
