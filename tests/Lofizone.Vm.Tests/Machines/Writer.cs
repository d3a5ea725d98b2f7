using System.Globalization;

namespace Lofizone.Vm.Tests.Machines;

/// <summary>Flushed writes to a mounted image without end (guest/write-files), whose checksums are known at each moment.</summary>
internal sealed class Writer(AttachedImage image)
{
    private static readonly TimeSpan _progressLimit = TimeSpan.FromSeconds(Laboratory.LeaseSeconds * 9);

    private readonly string _work = "/tmp/work-" + Path.GetFileNameWithoutExtension(image.File);

    /// <summary>A line in the kernel's log. Earlier lines may be about another device of the same number, whose owner was fenced.</summary>
    private readonly string _mark = "lofizone-test: writer " + Guid.NewGuid().ToString("N");

    /// <summary>Starts the writes and waits for the first one.</summary>
    public async Task StartAsync()
    {
        await image.Host.CheckedAsync($"echo '{_mark}' >/dev/kmsg");
        await image.Host.CheckedAsync($"setsid write-files {image.MountPoint} {_work} </dev/null >/dev/null 2>&1 &");
        await AdvanceAsync(4);
    }

    /// <summary>Waits for more writes.</summary>
    public async Task AdvanceAsync(int writes)
    {
        int from = await CountAsync();
        await Laboratory.WaitAsync(
            async () =>
            {
                Assert.Equal("", await image.Host.CheckedAsync($"cat {_work}/failed 2>/dev/null || true"));
                return await CountAsync() >= from + writes;
            },
            _progressLimit,
            $"{image.Host.Name}: no writes to {image.File}");
    }

    public async Task<int> CountAsync() =>
        int.Parse(await image.Host.CheckedAsync($"cat {_work}/count 2>/dev/null || echo 0"), CultureInfo.InvariantCulture);

    /// <summary>Waits until a write has failed. Returns the error message.</summary>
    public async Task<string> FailureAsync()
    {
        await Laboratory.WaitAsync(
            async () => (await image.Host.RunAsync($"test -e {_work}/failed")).Succeeded, _progressLimit, $"{image.Host.Name}: no write to {image.File} failed");
        return await image.Host.CheckedAsync($"cat {_work}/failed");
    }

    /// <summary>Ends the writes. Reads the files from the server, not from the host's cache, and checks the file system.</summary>
    public async Task StopAndVerifyAsync()
    {
        await image.Host.CheckedAsync($"touch {_work}/stop");
        await Laboratory.WaitAsync(
            async () => (await image.Host.RunAsync($"test -e {_work}/ended")).Succeeded, _progressLimit, $"{image.Host.Name}: the last write to {image.File} did not end");
        await image.UnmountAsync();
        await image.CheckAsync();
        await image.MountAsync();
        await image.Host.CheckedAsync($"echo 3 >/proc/sys/vm/drop_caches; test -s {_work}/sums && md5sum --quiet -c {_work}/sums");
        string[] log = (await image.Host.CheckedAsync("dmesg")).Split('\n');
        int since = Array.FindLastIndex(log, line => line.Contains(_mark, StringComparison.Ordinal));
        Assert.True(since >= 0, $"{image.Host.Name}: its kernel's log lacks the mark");
        string device = Path.GetFileName(image.Device);
        Assert.DoesNotContain(
            log[since..], line => line.Contains("I/O error", StringComparison.OrdinalIgnoreCase) && line.Contains(device, StringComparison.Ordinal));
    }
}
