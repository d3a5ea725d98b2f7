using Lofizone.Testing;
using Lofizone.Testing.Hosts;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>A host and a NAS with root squash, which the tests of a class share.</summary>
public class NasHost : IAsyncLifetime
{
    /// <summary>The grace period, seconds. The period is short, so that a test that restarts the server does not wait long.</summary>
    private const int GraceSeconds = 5;

    public TestHost Host { get; } = new();

    public GaneshaServer Server { get; private set; } = null!;

    /// <summary>URI of the share.</summary>
    public string Share => Server.Uri;

    /// <summary>The share's directory on the server.</summary>
    public string ShareDirectory => Server.ExportDirectory;

    public virtual async ValueTask InitializeAsync() =>
        Server = await GaneshaServer.StartAsync(new GaneshaOptions { RootSquash = true, LeaseSeconds = GraceSeconds, GraceSeconds = GraceSeconds });

    public virtual async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        if (Server is not null)
            await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes a directory of the export that the squashed user owns, or one that the user may not write to.</summary>
    public async Task<string> MakeDirectoryAsync(string name, bool writable)
    {
        string directory = Directory.CreateDirectory(Path.Combine(ShareDirectory, name)).FullName;
        await TestProgram.RunAsync("chown", writable ? "65534:65534" : "0:0", directory);
        return $"{Share}/{name}";
    }
}
