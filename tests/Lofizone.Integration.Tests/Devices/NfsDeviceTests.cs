using System.Globalization;
using System.Security.Cryptography;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Images;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Shares;
using Lofizone.Testing.Hosts;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>
/// Devices of images on a real NFS server: engine, FUSE, loop, ext4. The tests run alone, because a server is silent here while its device
/// is detached. A sync(2) of another test's zone would hold kernel locks that an open of the device needs, until the server answers.
/// </summary>
[Collection(Alone.Name)]
public sealed class NfsDeviceTests() : NfsDeviceBed(new GaneshaOptions { LeaseSeconds = 5, RootSquash = true }, ImageBytes)
{
    private const long ImageBytes = 64 << 20;
    private const int KilledExitCode = 137;

    private static readonly byte[] Unstored = RandomNumberGenerator.GetBytes(1 << 20);

    public static TheoryData<string> AttachSteps => [.. LofiSteps.AttachNfs];

    public static TheoryData<string> DetachSteps => [.. LofiSteps.Detach];

    [Fact]
    public async Task An_image_on_a_root_squashed_export_holds_a_file_system_and_says_what_went_over_the_wire()
    {
        LofiDevice device = await Host.AttachAsync(Image);
        Assert.Equal(("user", ImageBytes, LofiHealth.Ok), (device.Transport, device.SizeBytes, device.Health));
        Assert.Equal(device, Assert.Single(Host.Devices.List()));
        byte[] data = RandomNumberGenerator.GetBytes(5 << 20);
        await WithFileSystemAsync(device, make: true, () => File.WriteAllBytesAsync(Path.Combine(MountPoint, "data"), data, Cancellation));

        EngineStatus status = await StatusAsync(device);
        Assert.Equal((device.EnginePid, Image.ToString(), "held", true, false), (status.Pid, status.File, status.LockState, status.Connected, status.Fenced));
        Assert.InRange(status.BytesWritten, data.Length, long.MaxValue);
        Assert.InRange(status.MinorVersion, 1, 2);

        ProcessIdentity engine = device.Engine!;
        await Host.DetachAsync(device);
        Assert.False(engine.IsAlive);
        Host.AssertNothingLeft();
        Assert.Equal(["web.img"], Directory.GetFileSystemEntries(Server.ExportDirectory).Select(Path.GetFileName));

        LofiDevice again = await Host.AttachAsync(Image);
        await WithFileSystemAsync(again, make: false, async () => Assert.Equal(data, await File.ReadAllBytesAsync(Path.Combine(MountPoint, "data"), Cancellation)));
        await Host.DetachAsync(again);
    }

    [Fact]
    public async Task Another_host_is_refused_by_the_server_and_told_who_has_the_image()
    {
        LofiDevice device = await Host.AttachAsync(Image);
        await using LofiHost other = new();
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => other.AttachAsync(Image));
        Assert.StartsWith($"{Image}: locked by host {Environment.MachineName} (owner since ", error.Message, StringComparison.Ordinal);
        other.AssertNothingLeft();

        await Host.DetachAsync(device);
        await other.DetachLastAsync(await other.AttachAsync(Image));
    }

    [Fact]
    public async Task A_missing_image_is_named_and_no_engine_stays()
    {
        ShareUri missing = ShareUri.Parse(Server.Uri).Below("missing.img");
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => Host.AttachAsync(missing));
        Assert.Equal($"{missing}: no such file", error.Message);
        Host.AssertNothingLeft();
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named_and_no_engine_stays()
    {
        await Server.StopAsync();
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => Host.AttachAsync(Image));
        Assert.Contains(Server.Port.ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Advice);
        Host.AssertNothingLeft();
    }

    [Theory]
    [MemberData(nameof(AttachSteps))]
    public async Task After_an_attach_killed_at_any_step_recovery_leaves_nothing_and_the_image_can_be_attached(string step)
    {
        ProgramResult killed = await Host.ProbeAsync("attach", Image.ToString(), $"attach/{step}/before");
        Assert.Equal(KilledExitCode, killed.ExitCode);
        IReadOnlyList<RecoverResult> results = await Host.Devices.RecoverAsync(Cancellation);
        Assert.DoesNotContain(results, r => r.Outcome is RecoverOutcome.Busy or RecoverOutcome.Failed);
        if (Host.Devices.List() is not [{ Health: LofiHealth.Ok } device])
        {
            Host.AssertNothingLeft();
            device = await Host.AttachAsync(Image);
        }

        await Host.DetachLastAsync(device);
    }

    [Theory]
    [MemberData(nameof(DetachSteps))]
    public async Task A_detach_killed_at_any_step_can_be_repeated(string step)
    {
        await Host.AttachAsync(Image);
        ProgramResult killed = await Host.ProbeAsync("detach", Image.ToString(), $"detach/{step}/before");
        Assert.Equal(KilledExitCode, killed.ExitCode);
        if (Host.Devices.Find(Image.ToString()) is { } device)
            await Host.DetachLastAsync(device);
    }

    [Fact]
    public async Task A_killed_engine_without_a_keeper_is_seen_and_the_next_attach_clears_it_away()
    {
        LofiDevice device = await Host.AttachAsync(Image);
        await EngineKills.KillBothAsync(Host.Devices, device, Cancellation);
        Assert.Equal(LofiHealth.EngineDead, Assert.Single(Host.Devices.List()).Health);

        LofiDevice again = await AttachWhenTheLeaseIsOverAsync();
        Assert.NotEqual(device.Engine, again.Engine);
        await Host.DetachLastAsync(again);
    }

    [Fact]
    public async Task A_frozen_server_blocks_neither_the_list_nor_the_status_nor_a_forced_detach()
    {
        LofiDevice device = await Host.AttachAsync(Image);
        await Server.PauseAsync();
        try
        {
            Assert.Equal(LofiHealth.Ok, Assert.Single(Host.Devices.List()).Health);
            Assert.NotNull(await StatusAsync(device));
            await Host.DetachLastAsync(device, force: true);
        }
        finally
        {
            await Server.ResumeAsync();
        }
    }

    [Fact]
    public async Task A_detach_that_hangs_in_its_flush_makes_way_for_a_forced_one()
    {
        (LofiDevice device, Task<ProgramResult> hanging) = await HangInFlushAsync();
        try
        {
            await Host.DetachAsync(device, force: true);
            Assert.Equal(1, (await hanging).ExitCode);
        }
        finally
        {
            await Server.ResumeAsync();
        }

        Host.AssertNothingLeft();
    }

    [Fact]
    public async Task A_detach_whose_server_dies_in_its_flush_ends_by_itself_and_the_next_one_finishes_it()
    {
        (LofiDevice device, Task<ProgramResult> hanging) = await HangInFlushAsync();
        try
        {
            ProgramResult ended = await hanging;
            Assert.Equal(1, ended.ExitCode);
            Assert.Contains($"{device.Link}: can't be flushed to {Image}: its server does not answer since ", ended.Error, StringComparison.Ordinal);
            Assert.Contains(HeldProcess.With("loop-hold", device.LoopDevice, device.Token, "exclusive"), p => HeldProcess.State(p) == 'D');
        }
        finally
        {
            await Server.ResumeAsync();
        }

        await Host.DetachLastAsync(device);
        byte[] stored = new byte[Unstored.Length];
        await using FileStream file = File.OpenRead(ImageOnServer);
        await file.ReadExactlyAsync(stored, Cancellation);
        Assert.Equal(Unstored, stored);
    }

    /// <summary>Starts a detach whose server falls silent just before the flush of unstored data.</summary>
    private async Task<(LofiDevice Device, Task<ProgramResult> Hanging)> HangInFlushAsync()
    {
        LofiDevice device = await Host.AttachAsync(Image);
        using (FileDescriptor open = Files.Open(device.LoopDevice, OpenFlags.ReadWrite))
        {
            return (device, await Host.HeldProbeAsync("detach", Image.ToString(), $"detach/{LofiSteps.Flush}/before", async () =>
            {
                FileContent.Write(open, Unstored, 0);
                await Server.PauseAsync();
            }));
        }
    }

    [Fact]
    public async Task Mkfile_without_n_fills_the_file_on_the_server_and_leaves_nothing_when_there_is_no_room()
    {
        ShareUri file = ShareUri.Parse(Server.Uri).Below("zone1_file");
        await MakeFile.MakeAsync(Share.OpenAsync, file, (20 << 20) + 512, sparse: false, SilentReporter.Instance, Cancellation);
        FileStatus status = FileStatus.At(Path.Combine(Server.ExportDirectory, "zone1_file"))!;
        Assert.Equal((20L << 20) + 512, status.Size);
        Assert.InRange(status.AllocatedBytes, status.Size, long.MaxValue);

        ShareUri huge = ShareUri.Parse(Server.Uri).Below("huge");
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => MakeFile.MakeAsync(Share.OpenAsync, huge, 1L << 50, sparse: false, SilentReporter.Instance, Cancellation));
        Assert.Contains("1.0 PiB don't fit", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Server.ExportDirectory, "huge")));
    }

    [Fact]
    public async Task A_terminated_engine_keeps_serving_as_long_as_its_device_is_attached()
    {
        LofiDevice device = await Host.AttachAsync(Image);
        Processes.Send(device.Engine!, Signal.Terminate);
        await WithFileSystemAsync(device, make: true, () => File.WriteAllTextAsync(Path.Combine(MountPoint, "f"), "x", Cancellation));
        await Host.DetachLastAsync(device);
    }

    /// <summary>Attaches when a dead engine's lease has run out. Until then the server keeps the engine's lock.</summary>
    private async Task<LofiDevice> AttachWhenTheLeaseIsOverAsync()
    {
        await ServerLock.EndedAsync(Server, Image.Path, Cancellation);
        return await Host.AttachAsync(Image);
    }
}
