using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Hosts;

/// <summary>A real NFS server with a short lease, and hosts with links of their own to the server, which can be cut.</summary>
internal sealed class LinkedHosts : IAsyncDisposable
{
    /// <summary>Lease and grace period of the server, seconds.</summary>
    public const int LeaseSeconds = 5;

    private readonly HostNetworks _networks = new();
    private readonly List<LinkedHost> _hosts = [];

    public GaneshaServer Server { get; private set; } = null!;

    public static async Task<LinkedHosts> StartAsync()
    {
        LinkedHosts hosts = new();
        try
        {
            await hosts._networks.MakeAsync();
            hosts.Server = await GaneshaServer.StartAsync(new GaneshaOptions
            {
                Address = hosts._networks.ServerAddress,
                BindAddress = "0.0.0.0",
                NetworkNamespace = hosts._networks.Server,
                LeaseSeconds = LeaseSeconds,
                GraceSeconds = LeaseSeconds,
                RootSquash = true,
            });
            return hosts;
        }
        catch
        {
            await hosts.DisposeAsync();
            throw;
        }
    }

    public async Task<LinkedHost> AddAsync()
    {
        LinkedHost host = new(await _networks.AddHostAsync(), _networks);
        _hosts.Add(host);
        return host;
    }

    /// <summary>Makes an image of zeros; returns its URI and its path on the server.</summary>
    public (string Uri, string File) MakeImage(string name, int blocks)
    {
        string file = Path.Combine(Server.ExportDirectory, name);
        using (FileStream made = new(file, FileMode.CreateNew))
            made.SetLength((long)blocks * BlockPattern.Bytes);
        // The server squashes root.
        File.SetUnixFileMode(file, (UnixFileMode)0b110_110_110);
        return ($"{Server.Uri}/{name}", file);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (LinkedHost host in _hosts)
        {
            await host.HealAsync();
            await host.DisposeAsync();
        }

        if (Server is not null)
            await Server.DisposeAsync();
        await _networks.DisposeAsync();
    }
}
