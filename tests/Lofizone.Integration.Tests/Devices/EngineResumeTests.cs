using System.Globalization;
using System.Security.Cryptography;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Testing;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>
/// Engines and keepers are killed under a device in use. Users see no error, no data is lost, and the device can be detached as usual.
/// </summary>
[Collection(SilentDevices.Name)]
public sealed class EngineResumeTests() : NfsDeviceBed(new GaneshaOptions { LeaseSeconds = 5, GraceSeconds = 5, RootSquash = true }, ImageBytes)
{
    private const long ImageBytes = 256 << 20;
    private const long WrittenBetweenKills = 4 << 20;

    [Fact]
    public async Task An_engine_killed_again_and_again_under_verified_writes_costs_no_error_and_no_data()
    {
        LofiDevice device = await Host.AttachAsync(Image);
        await WithFileSystemAsync(device, make: true, async () =>
        {
            Task<ProgramResult> fio = FioAsync("verified");
            for (int kill = 0; kill < 5; kill++)
            {
                // Each engine has carried some of the writes.
                await Wait.UntilAsync(
                    async () => fio.IsCompleted || await Host.Devices.StatusAsync(device, Wait.Limit, Cancellation) is { BytesWritten: > WrittenBetweenKills },
                    "nothing is written", Cancellation);
                device = await EngineKills.KillEngineAsync(Host.Devices, device, Cancellation);
            }

            AssertVerified(await fio);
        });
        EngineStatus status = await StatusAsync(device);
        Assert.Equal((5, "held", false), (status.Restarts, status.LockState, status.Fenced));
        await CheckAsync(device);
        await Host.DetachLastAsync(device);
    }

    [Fact]
    public async Task A_killed_keeper_is_replaced_and_the_engine_can_be_killed_again()
    {
        LofiDevice device = await Host.AttachAsync(Image);
        await WithFileSystemAsync(device, make: true, async () =>
        {
            Task<ProgramResult> fio = FioAsync("verified");
            device = await EngineKills.KillKeeperAsync(Host.Devices, device, Cancellation);
            device = await EngineKills.KillEngineAsync(Host.Devices, device, Cancellation);
            device = await EngineKills.KillKeeperAsync(Host.Devices, device, Cancellation);
            device = await EngineKills.KillEngineAsync(Host.Devices, device, Cancellation);
            AssertVerified(await fio);
        });
        Assert.Equal(LofiHealth.Ok, Assert.Single(Host.Devices.List()).Health);
        ProcessIdentity[] both = [device.Keeper!, device.Engine!];
        await CheckAsync(device);
        await Host.DetachAsync(device);
        Assert.All(both, process => Assert.False(process.IsAlive));
        Host.AssertNothingLeft();
    }

    [Fact]
    public async Task Both_killed_is_an_error_at_once_and_what_was_flushed_is_there_afterwards()
    {
        LofiDevice device = await Host.AttachAsync(Image);
        byte[] data = RandomNumberGenerator.GetBytes(1 << 20);
        using (FileDescriptor open = Files.Open(device.LoopDevice, OpenFlags.ReadWrite))
        {
            FileContent.Write(open, data, 0);
            FileContent.Sync(open);
            FileContent.Write(open, data, 8 << 20);
            await EngineKills.KillBothAsync(Host.Devices, device, Cancellation);
            Assert.Equal(Errno.EIO, Assert.Throws<LinuxException>(() => FileContent.Sync(open)).Errno);
        }

        Assert.Equal(LofiHealth.EngineDead, Assert.Single(Host.Devices.List()).Health);
        await Host.DetachLastAsync(device, force: true);
        await AssertStoredAsync(data);
    }

    [Theory]
    [InlineData("open")]
    [InlineData("mount")]
    [InlineData("serve")]
    [InlineData("ready")]
    public async Task A_successor_killed_at_any_step_has_one_that_goes_on(string step)
    {
        ProgramResult attached = await Host.ProbeAsync("attach", Image.ToString(), $"resume1/{step}/before");
        Assert.Equal(0, attached.ExitCode);
        LofiDevice device = Assert.Single(Host.Devices.List());
        await WithFileSystemAsync(device, make: true, async () =>
        {
            Task<ProgramResult> fio = FioAsync("verified");
            await EngineKills.KillAsync(device.Engine!, Cancellation);
            AssertVerified(await fio);
        });
        EngineStatus status = await StatusAsync(device);
        Assert.Equal(2, status.Restarts);
        await CheckAsync(device);
        await Host.DetachLastAsync(device);
    }

    [Fact]
    public async Task An_engine_killed_while_the_server_is_away_goes_on_when_it_is_back_with_what_the_server_has_lost()
    {
        LofiDevice device = await Host.AttachAsync(Image);
        byte[] data = RandomNumberGenerator.GetBytes(4 << 20);
        using FileDescriptor open = Files.Open(device.LoopDevice, OpenFlags.ReadWrite | OpenFlags.Direct);
        Task write = Task.Run(() => WriteAligned(open, data));
        await write;
        await Server.KillAsync();
        ProcessIdentity old = device.Engine!;
        await EngineKills.KillAsync(old, Cancellation);
        Task flush = Task.Run(() => FileContent.Sync(open), Cancellation);
        // All requests still get answers: an engine without a server serves the device.
        EngineStatus? status = null;
        await Wait.UntilAsync(
            async () => (status = await Host.Devices.StatusAsync(device, TimeSpan.FromSeconds(10), Cancellation)) is not null && status.Pid != old.Pid,
            "no other engine answers", Cancellation);
        Assert.False(status!.Connected);
        Assert.Equal(LofiHealth.Ok, Assert.Single(Host.Devices.List()).Health);
        Assert.False(flush.IsCompleted);
        await Server.StartAgainAsync(Cancellation);
        await flush;
        open.Dispose();
        await Host.DetachLastAsync(device);
        await AssertStoredAsync(data);
    }

    private async Task AssertStoredAsync(byte[] data)
    {
        byte[] image = await File.ReadAllBytesAsync(ImageOnServer, Cancellation);
        Assert.True(image.AsSpan(0, data.Length).SequenceEqual(data));
    }

    private static void WriteAligned(FileDescriptor open, byte[] data)
    {
        // O_DIRECT needs aligned memory (open(2)).
        Span<byte> aligned = GC.AllocateUninitializedArray<byte>(data.Length + 8192, pinned: true);
        unsafe
        {
            fixed (byte* start = aligned)
            {
                int skip = (int)(-(nint)start & 4095);
                data.CopyTo(aligned[skip..]);
                FileContent.Write(open, aligned.Slice(skip, data.Length), 0);
            }
        }
    }

    /// <summary>
    /// Runs random writes with a checksum in every block, with an occasional fsync(2). The blocks are read back and compared.
    /// </summary>
    private Task<ProgramResult> FioAsync(string name) => Host.Programs.RunAsync(
        new ProgramCall(
            "fio", $"--name={name}", $"--directory={MountPoint}", "--rw=randwrite", "--bs=4k-64k", "--size=96m", "--io_size=192m", "--ioengine=libaio", "--iodepth=16",
            "--direct=1", "--verify=crc32c", "--verify_fatal=1", "--verify_async=0", "--fsync=128", "--randseed=7", "--rate=60m", "--output-format=terse")
        {
            TimeLimit = TimeSpan.FromMinutes(3),
        },
        Cancellation);

    private static void AssertVerified(ProgramResult fio) => Assert.True(fio.ExitCode == 0, $"fio: exit code {fio.ExitCode.ToString(CultureInfo.InvariantCulture)}: {fio.Error} {fio.Output}");

    private async Task CheckAsync(LofiDevice device)
    {
        ProgramResult check = await Host.Programs.RunAsync(new ProgramCall("e2fsck", "-fn", device.LoopDevice), Cancellation);
        Assert.True(check.ExitCode == 0, check.Output + check.Error);
    }
}
