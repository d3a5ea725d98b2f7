using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>
/// A host and a share with one zone, for tests that run one after the other. A failed test leaves the host in an unknown state, so the next
/// test gets a new host.
/// </summary>
public abstract class ZoneBed : IAsyncDisposable
{
    public const string Zone = "web";

    /// <summary>Data that was written to the zone and flushed once, and must be there after every test.</summary>
    private const string Kept = "written and flushed before";

    private const string KeptFile = "/root/kept";

    private TestHost? _host;
    private bool _spoiled;

    public TestHost Host => _host ?? throw new InvalidOperationException("no test has asked for the host");

    /// <summary>URI of the share.</summary>
    public string Share { get; private set; } = "";

    /// <summary>The share's directory on this machine.</summary>
    public string ShareDirectory { get; private set; } = "";

    /// <summary>Runs a test on a host without the zone.</summary>
    public Task OnEmptyHostAsync(Func<TestHost, Task> test) => OnAsync(EmptyAsync, test);

    /// <summary>Runs a test on a host where the zone is installed and not booted.</summary>
    public Task OnInstalledZoneAsync(Func<TestHost, Task> test) => OnAsync(InstalledAsync, test);

    public Task<CommandResult> CreateAsync(string? killAt = null)
    {
        string[] create = ["create", Zone, Share, "--size", "400m"];
        return killAt is null ? Host.RunAsync(create) : Host.RunKilledAsync(killAt, create);
    }

    /// <summary>Asserts that the zone runs, and that its flushed data is still there.</summary>
    public async Task AssertRunsAsync()
    {
        Assert.Equal("running", await Host.StateAsync(Zone));
        // An init that has just started may not accept a login yet.
        CommandResult? cat = null;
        await Host.WaitAsync(async () => (cat = await Host.RunAsync("login", Zone, "--", "/bin/cat", KeptFile)).Succeeded, "nobody can log in");
        Assert.Equal(Kept, cat!.Output);
    }

    /// <summary>Halts the zone in order, and asserts that only its root is left.</summary>
    public async Task HaltAsync()
    {
        CommandResult halt = await Host.RunAsync("halt", Zone);
        Assert.True(halt.Succeeded, halt.ToString());
        await AssertDownAsync();
    }

    /// <summary>Asserts that no zone is up, and that the host has no objects in the kernel or among its runtime files.</summary>
    public async Task AssertDownAsync()
    {
        await Host.WaitUntilSettledAsync(Zone);
        Assert.Empty(HostTraces.Find(Host.Paths, Zone));
    }

    /// <summary>Removes the zone, and asserts that its share is as empty as before.</summary>
    public async Task DeleteAsync()
    {
        CommandResult delete = await Host.RunAsync("delete", "-F", Zone);
        Assert.True(delete.Succeeded, delete.ToString());
        await AssertGoneAsync();
    }

    public async Task AssertGoneAsync()
    {
        Assert.Null(await Host.StateAsync(Zone));
        await AssertDownAsync();
        Assert.Empty(Directory.GetFileSystemEntries(ShareDirectory));
        Assert.Empty(Directory.Exists(Host.Paths.Zones) ? Directory.GetFileSystemEntries(Host.Paths.Zones) : []);
    }

    /// <summary>Runs the commands that a user runs first, to look at the zone. They must work in every state of the zone.</summary>
    public async Task AssertCanBeSeenAsync()
    {
        CommandResult list = await Host.RunAsync("list");
        Assert.True(list.Succeeded, list.ToString());
        if (await Host.StateAsync(Zone) is null)
            return;
        CommandResult explain = await Host.RunAsync("explain", Zone);
        Assert.True(explain.Succeeded, explain.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes an empty share for a new host.</summary>
    protected abstract Task<(string Uri, string Directory)> MakeShareAsync(TestHost host);

    private async Task OnAsync(Func<Task> prepare, Func<TestHost, Task> test)
    {
        try
        {
            await prepare();
            await test(Host);
        }
        catch
        {
            _spoiled = true;
            throw;
        }
    }

    private async Task EmptyAsync()
    {
        await FreshIfSpoiledAsync();
        if (await Host.StateAsync(Zone) is not null)
            await DeleteAsync();
    }

    private async Task InstalledAsync()
    {
        await FreshIfSpoiledAsync();
        if (await Host.StateAsync(Zone) == "installed")
            return;
        CommandResult create = await CreateAsync();
        Assert.True(create.Succeeded, create.ToString());
        await Host.RunCheckedAsync("boot", Zone);
        await Host.RunCheckedAsync("login", Zone, "--", "/bin/sh", "-c", $"printf '{Kept}' > {KeptFile} && sync {KeptFile}");
        await HaltAsync();
    }

    private async Task FreshIfSpoiledAsync()
    {
        if (_host is not null && !_spoiled)
            return;
        if (_host is not null)
            await _host.DisposeAsync();
        _host = new TestHost();
        _spoiled = false;
        (Share, ShareDirectory) = await MakeShareAsync(_host);
    }
}

/// <summary>Zones on a directory of the host.</summary>
public sealed class DirBed : ZoneBed
{
    protected override Task<(string Uri, string Directory)> MakeShareAsync(TestHost host)
    {
        string directory = Directory.CreateDirectory(Path.Combine(host.Root, "share")).FullName;
        return Task.FromResult(("dir:" + directory, directory));
    }
}

/// <summary>Zones on a real NFS server.</summary>
public sealed class NfsBed(StandInNas nas) : ZoneBed
{
    protected override Task<(string Uri, string Directory)> MakeShareAsync(TestHost host) => nas.MakeShareAsync();
}
