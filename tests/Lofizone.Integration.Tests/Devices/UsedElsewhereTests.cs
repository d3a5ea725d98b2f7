using System.Globalization;
using Lofizone.Devices;
using Lofizone.Interop;
using Lofizone.Programs;
using Microsoft.Extensions.Time.Testing;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>
/// Devices that a process of another mount namespace uses. The tests run alone, because such a namespace has a copy of every mount and
/// would keep other tests' mounts in use after their unmount.
/// </summary>
[Collection(Alone.Name)]
public sealed class UsedElsewhereTests : IAsyncDisposable
{
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(100);

    private readonly LofiHost _host = new();
    private readonly FakeTimeProvider _time = new();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_device_mounted_there_stays_and_the_message_names_the_process()
    {
        LofiDevice device = await AttachAsync();
        await WhileUsedAsync($"mount {device.Link} {MountPoint}", async user =>
        {
            Task detach = Detach(device);
            await UntilAsync(detach);
            LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => detach);
            Assert.Contains($"(process {user.Pid}, has it mounted)", error.Message, StringComparison.Ordinal);
            Assert.Equal(LofiHealth.Ok, Assert.Single(_host.Devices.List()).Health);
        });

        await _host.DetachLastAsync(device);
    }

    /// <summary>
    /// A file system that was unmounted lazily is in no mount table any more, but is in use as long as a process stays in it, and while the
    /// kernel writes it back.
    /// </summary>
    [Fact]
    public async Task A_device_in_use_by_nobody_who_can_be_named_is_waited_for()
    {
        LofiDevice device = await AttachAsync();
        Task? detach = null;
        await WhileUsedAsync($"mount {device.Link} {MountPoint} && cd {MountPoint} && umount -l {MountPoint}", async _ =>
        {
            detach = Detach(device);
            for (TimeSpan passed = TimeSpan.Zero; passed < TimeSpan.FromSeconds(30); passed += _tick)
                await TickAsync();
            Assert.False(detach.IsCompleted);
        });

        await UntilAsync(detach!);
        await detach!;
        _host.AssertNothingLeft();
    }

    [Fact]
    public async Task Nor_is_it_waited_for_for_ever()
    {
        LofiDevice device = await AttachAsync();
        await WhileUsedAsync($"mount {device.Link} {MountPoint} && cd {MountPoint} && umount -l {MountPoint}", async _ =>
        {
            Task detach = Detach(device);
            await UntilAsync(detach);
            LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => detach);
            Assert.Contains("could not be found", error.Message, StringComparison.Ordinal);
        });

        await _host.DetachLastAsync(device);
    }

    private string MountPoint => Path.Combine(_host.Paths.Root, "mnt");

    private async Task<LofiDevice> AttachAsync()
    {
        LofiDevice device = await _host.AttachAsync(_host.MakeImage());
        Directory.CreateDirectory(MountPoint);
        await _host.RunAsync("mkfs.ext4", "-q", "-F", "-b", "4096", device.Link);
        return device;
    }

    /// <summary>Detaches with limits by the simulated clock.</summary>
    private Task Detach(LofiDevice device) =>
        _host.DevicesAt(_time).DetachAsync(device, new DetachOptions(), TestContext.Current.CancellationToken);

    /// <summary>Runs the test while a process in a mount namespace of its own waits behind these shell commands.</summary>
    private async Task WhileUsedAsync(string words, Func<ProcessIdentity, Task> test)
    {
        using DetachedProgram inside = DetachedProgram.Start(
            _host.Programs, "/usr/bin/unshare", "--mount", "--propagation", "private", "sh", "-c", $"{words} && echo $$ && exec sleep 600");
        string pid = (await inside.Output.ReadLineAsync(TestContext.Current.CancellationToken))!;
        ProcessIdentity user = ProcessIdentity.Of(int.Parse(pid, CultureInfo.InvariantCulture))!;
        try
        {
            await test(user);
        }
        finally
        {
            Processes.Send(user, Signal.Kill);
            await Processes.WaitForEndAsync(user, TimeSpan.FromSeconds(10), CancellationToken.None);
        }
    }

    private async Task UntilAsync(Task detach)
    {
        while (!detach.IsCompleted)
            await TickAsync();
    }

    private Task TickAsync()
    {
        _time.Advance(_tick);
        // The clock runs ten times as fast as real time, because the detach does real work in between.
        return Task.Delay(_tick / 10, TestContext.Current.CancellationToken);
    }
}
