using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>The administrator's hooks around boots and halts, whoever asks for these.</summary>
public sealed class HooksTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hooks_run_around_every_boot_and_halt_and_only_a_pre_boot_hook_stops_one()
    {
        await using TestHost host = new();
        TinyZones zones = new(host);
        await zones.AddAsync("web", init: null);
        string notes = Path.Combine(host.Root, "notes");
        foreach (string kind in new[] { "pre-boot", "post-boot", "pre-halt", "post-halt" })
            await AddAsync(host, kind, $"echo $LOFIZONE_HOOK $LOFIZONE_ZONE $LOFIZONE_STATE >>{notes}; exit {(kind == "pre-boot" ? 0 : 5)}");
        Task<string[]> NotesAsync() => File.ReadAllLinesAsync(notes, Cancellation);

        CommandResult boot = await host.RunAsync("boot", "web");
        Assert.True(boot.Succeeded, boot.ToString());
        Assert.Contains("warning: web: post-boot hook 10-test: exit code 5", boot.Output + boot.Error, StringComparison.Ordinal);
        Assert.Equal(["pre-boot web ready", "post-boot web running"], await NotesAsync());

        // The zone ends by itself, and no command is there. The end of the zone may be the end of the login.
        await host.RunAsync("login", "web", "--", "poweroff");
        await host.WaitForStateAsync("web", "installed");
        await host.WaitUntilSettledAsync("web");
        Assert.Equal(["pre-halt web down", "post-halt web down"], (await NotesAsync())[2..]);

        File.Delete(notes);
        await host.RunCheckedAsync("boot", "web");
        await host.RunCheckedAsync("halt", "web");
        Assert.Equal(["pre-boot web ready", "post-boot web running", "pre-halt web running", "post-halt web down"], await NotesAsync());

        File.Delete(notes);
        await AddAsync(host, "pre-boot", "echo no VLAN; exit 3");
        CommandResult refused = await host.RunAsync("boot", "web");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("web: not booted: pre-boot hook 10-test: exit code 3", refused.Error, StringComparison.Ordinal);
        Assert.Contains("pre-boot hook 10-test: no VLAN", refused.Output + refused.Error, StringComparison.Ordinal);
        Assert.Equal("installed", await host.StateAsync("web"));
        Assert.Equal(["post-halt web ready"], await NotesAsync());
        Assert.Empty(HostTraces.Find(host.Paths, "web"));
    }

    private static async Task AddAsync(TestHost host, string kind, string script)
    {
        string file = Path.Combine(Directory.CreateDirectory(Path.Combine(host.Paths.Hooks, kind)).FullName, "10-test");
        await File.WriteAllTextAsync(file, $"#!/bin/sh\n{script}\n", Cancellation);
        File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
    }
}
