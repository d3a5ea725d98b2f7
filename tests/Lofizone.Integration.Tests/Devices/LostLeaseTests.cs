using System.Security.Cryptography;
using System.Text.Json;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Interop;
using Lofizone.Testing;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>
/// A device whose host or server is frozen for longer than the lease. The device goes on when no other host had the image meanwhile, and is
/// fenced otherwise.
/// </summary>
[Collection(SilentDevices.Name)]
public sealed class LostLeaseTests() : NfsDeviceBed(new GaneshaOptions { LeaseSeconds = LeaseSeconds, RootSquash = true }, ImageBytes)
{
    private const int LeaseSeconds = 4;
    private const long ImageBytes = 32 << 20;
    private const int DataBytes = 4 << 20;

    private readonly LofiHost _other = new();

    private string OwnerRecord => Path.Combine(Server.ExportDirectory, "web.img.owner.json");

    public override async ValueTask DisposeAsync()
    {
        await _other.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task An_engine_frozen_beyond_its_lease_takes_its_lock_up_again_when_nobody_had_the_image()
    {
        LofiDevice device = await Host.AttachAsync(Image);
        string record = await File.ReadAllTextAsync(OwnerRecord, Cancellation);
        byte[] data = RandomNumberGenerator.GetBytes(DataBytes);
        Write(device, data);
        Processes.Send(device.Engine!, Signal.Stop);
        // The write is requested while the engine is frozen, so the engine sends the write with a lock that is lost by then.
        Task late = Task.Run(() => Write(device, data, DataBytes), Cancellation);
        await ServerLock.EndedAsync(Server, Image.Path, Cancellation);
        Processes.Send(device.Engine!, Signal.Continue);
        await late;

        byte[] stored = await File.ReadAllBytesAsync(ImageOnServer, Cancellation);
        Assert.Equal(data.Concat(data), stored.Take(2 * DataBytes));
        EngineStatus status = await StatusAsync(device);
        Assert.Equal(("held", false), (status.LockState, status.Fenced));
        Assert.Equal(LofiHealth.Ok, Host.Devices.Get(device.Number)!.Health);
        Assert.Equal(record, await File.ReadAllTextAsync(OwnerRecord, Cancellation));
        // The device has a real lock again: no other host gets the image.
        LofizoneException refused = await Assert.ThrowsAsync<LofizoneException>(() => _other.AttachAsync(Image));
        Assert.Contains("locked by host", refused.Message, StringComparison.Ordinal);
        await Host.DetachLastAsync(device);
        Assert.False(File.Exists(OwnerRecord));
    }

    [Fact]
    public async Task A_server_frozen_beyond_the_lease_costs_a_pause_and_no_error()
    {
        LofiDevice device = await Host.AttachAsync(Image);
        byte[] data = RandomNumberGenerator.GetBytes(DataBytes);
        await Server.PauseAsync();
        Task late = Task.Run(() => Write(device, data), Cancellation);
        // The lease runs out by the frozen server's own clock, and a frozen server can't be asked.
        await Task.Delay(TimeSpan.FromSeconds(LeaseSeconds * 2), Cancellation);
        await Server.ResumeAsync();
        await late;
        Assert.Equal(data, (await File.ReadAllBytesAsync(ImageOnServer, Cancellation))[..DataBytes]);
        Assert.Equal(LofiHealth.Ok, Host.Devices.Get(device.Number)!.Health);
        await Host.DetachLastAsync(device);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_device_whose_image_another_host_took_is_fenced_and_never_writes_again(bool stillTheirs)
    {
        LofiDevice device = await Host.AttachAsync(Image);
        long generation = await GenerationAsync();
        byte[] old = RandomNumberGenerator.GetBytes(DataBytes);
        Processes.Send(device.Engine!, Signal.Stop);
        Task late = Task.Run(() => Write(device, old), Cancellation);
        await ServerLock.EndedAsync(Server, Image.Path, Cancellation);
        LofiDevice theirs = await _other.AttachAsync(Image);
        Assert.Equal(generation + 1, await GenerationAsync());
        byte[] data = RandomNumberGenerator.GetBytes(DataBytes);
        Write(theirs, data);
        if (!stillTheirs)
            await _other.DetachAsync(theirs);
        Processes.Send(device.Engine!, Signal.Continue);

        LinuxException error = await Assert.ThrowsAsync<LinuxException>(() => late);
        Assert.Equal(Errno.EIO, error.Errno);
        Assert.Throws<LinuxException>(() => Write(device, old, DataBytes));
        await Wait.UntilAsync(() => Host.Devices.Get(device.Number)!.Health == LofiHealth.Fenced, "the device is not fenced", Cancellation);
        EngineFence fence = Host.Devices.FenceOf(device)!;
        Assert.Equal(stillTheirs ? Environment.MachineName : null, fence.OwnerHost?.Raw);
        Assert.Contains(stillTheirs ? $"host {Environment.MachineName} has owned the image since" : "another host has owned the image since", fence.Why, StringComparison.Ordinal);
        Assert.True((await StatusAsync(device)).Fenced);

        // The detach needs neither force nor a wait.
        await Host.DetachLastAsync(device);
        if (stillTheirs)
        {
            Assert.Equal(generation + 1, await GenerationAsync());
            await _other.DetachAsync(theirs);
        }
        byte[] now = await File.ReadAllBytesAsync(ImageOnServer, Cancellation);
        Assert.Equal(data, now[..DataBytes]);
        Assert.False(now.AsSpan(DataBytes).ContainsAnyExcept((byte)0));
    }

    private async Task<long> GenerationAsync()
    {
        using JsonDocument json = JsonDocument.Parse(await File.ReadAllTextAsync(OwnerRecord, Cancellation));
        return json.RootElement.GetProperty("generation").GetInt64();
    }
}
