using System.Globalization;
using Lofizone.Integration.Tests.Devices;
using Lofizone.Interop;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>
/// A zone on a share whose server answers but has no room. Every command says so, and no command waits without a message.
/// </summary>
[Collection(SilentZones.Name)]
public sealed class FullZoneTests : IAsyncLifetime
{
    private const long DiskBytes = 1L << 30;

    private readonly TestHost _host = new();
    private SmallDisk _disk = null!;
    private GaneshaServer _server = null!;

    /// <summary>
    /// A directory with room for small files. On a slow machine the engine counts as silent when it is given up, and its owner record stays
    /// beside the next engine's.
    /// </summary>
    private string Crumbs => Path.Combine(_disk.Export, "crumbs");

    public async ValueTask InitializeAsync()
    {
        _disk = await SmallDisk.MakeAsync(DiskBytes);
        _server = await GaneshaServer.StartAsync(new GaneshaOptions { ExportDirectory = _disk.Export, LeaseSeconds = 5 }, Cancellation);
        await _host.RunCheckedAsync("create", "web", _server.Uri, "--boot");
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        if (_disk is not null)
            await _disk.DisposeAsync();
    }

    [Fact]
    public async Task A_full_share_is_told_by_every_command_and_a_zone_on_it_is_taken_down_by_force()
    {
        await FillAsync();
        Task<CommandResult> writer = _host.RunAsync("dd if=/dev/urandom of=/root/f bs=1M count=200 conv=fsync", [], "login", "web", "--", "sh", "-s");
        await _host.WaitAsync(async () => (await _host.RunCheckedAsync("list", "-v")).Contains("writing is held since", StringComparison.Ordinal), "nothing was held");

        string device = (await _host.RunCheckedAsync("lofiadm", "-p")).Split(':')[0];
        Assert.Contains(":Held:web", await _host.RunCheckedAsync("lofiadm", "-p"), StringComparison.Ordinal);
        await RefusesAsync("its share is full since", "doctor", "web");
        await RefusesAsync("zone halt --force web", "explain", "web", exitCode: 0);
        await RefusesAsync("its share is full since", "halt", "web");
        await RefusesAsync("zone halt --force web", "reboot", "web");
        await RefusesAsync("zone halt --force web", "lofiadm", "-f", "-d", device);
        Assert.Equal("running", await _host.StateAsync("web"));

        CommandResult halt = await _host.RunAsync("halt", "--force", "web");
        Assert.True(halt.Succeeded, halt.ToString());
        Assert.Contains("its share is full since", halt.Output, StringComparison.Ordinal);
        await writer;
        Assert.Equal("installed", await _host.StateAsync("web"));
        Assert.Contains("writing is held until there is room", await File.ReadAllTextAsync(Path.Combine(_host.Paths.Log, "lofi-1.log"), Cancellation), StringComparison.Ordinal);
        Assert.DoesNotContain(HostTraces.Find(_host.Paths), t => t.Contains("loop", StringComparison.Ordinal) || t.Contains("fuse", StringComparison.Ordinal));

        // The given-up device's journal is replayed, and has no room for that. The boot reports the lack, and works when there is room.
        File.Delete(Crumbs);
        Task<CommandResult> boot = _host.RunAsync("boot", "web");
        await _host.WaitAsync(async () => boot.IsCompleted || (await _host.RunAsync("lofiadm", "-p")).Output.Contains(":Held:", StringComparison.Ordinal), "the boot was not held");
        File.Delete(_disk.Ballast);
        CommandResult booted = await boot;
        Assert.True(booted.Succeeded, booted.ToString());
        await _host.RunCheckedAsync("halt", "web");
        await _host.RunCheckedAsync("delete", "--force", "web");
    }

    /// <summary>Takes all of the disk's free space, without writing to it.</summary>
    private async Task FillAsync()
    {
        await File.WriteAllBytesAsync(Crumbs, new byte[16 << 10], Cancellation);
        using FileDescriptor directory = Files.Open(_disk.Export, OpenFlags.ReadOnly | OpenFlags.Directory);
        await AllocateAsync(0, FileSystemStatus.Of(directory).FreeBytes);
        for (int step = 20; step >= 12; step--)
        {
            while (await AllocateAsync(new FileInfo(_disk.Ballast).Length, 1L << step))
            {
            }
        }
    }

    private async Task<bool> AllocateAsync(long offset, long bytes) => (await TestProgram.TryAsync(
        "fallocate", "-o", offset.ToString(CultureInfo.InvariantCulture), "-l", bytes.ToString(CultureInfo.InvariantCulture), _disk.Ballast))
        .ExitCode == 0;

    private async Task RefusesAsync(string what, string program, string first, string? second = null, string? third = null, int exitCode = 1)
    {
        CommandResult result = await _host.RunAsync([.. new[] { program, first, second, third }.OfType<string>()]);
        Assert.True(result.ExitCode == exitCode && (result.Output + result.Error).Contains(what, StringComparison.Ordinal), result.ToString());
    }
}
