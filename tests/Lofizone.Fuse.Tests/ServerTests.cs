using System.Security.Cryptography;
using Lofizone.Testing;
using Lofizone.Testing.Fuse;

namespace Lofizone.Fuse.Tests;

public sealed class ServerTests
{
    private const long Length = 64 << 20;

    [Fact]
    public async Task What_is_written_through_the_mount_is_in_the_file_and_reads_back()
    {
        MemoryBlockFile file = new(Length);
        await using ServedFile served = await ServedFile.MountAsync(file);
        byte[] data = RandomNumberGenerator.GetBytes(3 << 20);
        await using (FileStream stream = Open(served))
        {
            stream.Position = 4096 * 5;
            await stream.WriteAsync(data);
            stream.Flush(flushToDisk: true);
            byte[] read = new byte[data.Length];
            stream.Position = 4096 * 5;
            await stream.ReadExactlyAsync(read);
            Assert.Equal(data, read);
        }

        byte[] stored = new byte[data.Length];
        Assert.Equal(data.Length, await file.ReadAsync(4096 * 5, stored, CancellationToken.None));
        Assert.Equal(data, stored);
        Assert.True(file.Flushes >= 1);
        Assert.Equal(Length, new FileInfo(served.MountPoint).Length);
    }

    [Fact]
    public async Task The_mount_shows_its_type_and_is_gone_after_unmounting()
    {
        ServedFile served = await ServedFile.MountAsync(new MemoryBlockFile(Length));
        string point = served.MountPoint;
        Assert.Contains($" {point} ", await File.ReadAllTextAsync("/proc/self/mountinfo"), StringComparison.Ordinal);
        Assert.Contains("fuse.lofizone", (await File.ReadAllLinesAsync("/proc/self/mountinfo")).Single(l => l.Contains($" {point} ", StringComparison.Ordinal)), StringComparison.Ordinal);
        await served.DisposeAsync();
        Assert.DoesNotContain($" {point} ", await File.ReadAllTextAsync("/proc/self/mountinfo"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_length_can_not_be_changed_and_nothing_is_written_beyond_it()
    {
        await using ServedFile served = await ServedFile.MountAsync(new MemoryBlockFile(Length));
        await using FileStream stream = Open(served);
        Assert.ThrowsAny<Exception>(() => stream.SetLength(Length * 2));
        stream.Position = Length;
        // .NET makes this exception from EFBIG.
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.WriteByte(1));
        Assert.Equal(Length, stream.Length);
    }

    [Fact]
    public async Task A_failure_of_the_store_is_an_IO_error_and_is_reported_and_the_next_request_goes_on()
    {
        List<string> reported = [];
        FailingFile file = new(Length);
        await using ServedFile served = await ServedFile.MountAsync(file, new FuseOptions { OnError = (what, _) => reported.Add(what) });
        await using FileStream stream = Open(served);
        file.Failing = true;
        Assert.Throws<IOException>(() => stream.ReadByte());
        file.Failing = false;
        Assert.Equal(0, stream.ReadByte());
        Assert.Contains(reported, r => r.StartsWith("Read of ", StringComparison.Ordinal));
        Assert.Contains(served.Server.Statistics.ByOpcode(), o => o.Failures >= 1);
    }

    [Fact]
    public async Task Requests_overlap_while_the_store_is_slow()
    {
        GatedFile file = new(Length, waiters: 8);
        await using ServedFile served = await ServedFile.MountAsync(file);
        // Each read blocks in the store until all eight are there. A server that serves one read at a time would never end.
        Task<int>[] reads = [.. Enumerable.Range(0, 8).Select(i => Task.Run(() =>
        {
            using FileStream stream = Open(served);
            stream.Position = i * 4096;
            return stream.Read(new byte[4096], 0, 4096);
        }))];
        int[] counts = await Task.WhenAll(reads).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.All(counts, c => Assert.Equal(4096, c));
    }

    [Fact]
    public async Task Unmounting_waits_for_requests_under_way()
    {
        GatedFile file = new(Length, waiters: 2);
        ServedFile served = await ServedFile.MountAsync(file);
        FileStream stream = Open(served);
        Task<int> read = Task.Run(() => stream.Read(new byte[4096], 0, 4096));
        await file.Entered;
        ValueTask unmount = served.DisposeAsync();
        Assert.False(unmount.IsCompleted);
        file.Open();
        await read.WaitAsync(TimeSpan.FromSeconds(30));
        await stream.DisposeAsync();
        await unmount.AsTask().WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_file_system_on_a_loop_device_over_the_mount_survives_a_check_and_gives_space_back()
    {
        MemoryBlockFile file = new(Length);
        await using ServedFile served = await ServedFile.MountAsync(file);
        string device = (await TestProgram.RunAsync("losetup", "-f", "--show", "--direct-io=on", "-b", "4096", served.MountPoint)).Trim();
        string point = Directory.CreateTempSubdirectory("lofizone-test-mnt-").FullName;
        try
        {
            Assert.Equal("1", (await File.ReadAllTextAsync($"/sys/block/{Path.GetFileName(device)}/loop/dio")).Trim());
            await TestProgram.RunAsync("mkfs.ext4", "-q", "-F", "-b", "4096", device);
            await TestProgram.RunAsync("mount", device, point);
            byte[] data = RandomNumberGenerator.GetBytes(20 << 20);
            await File.WriteAllBytesAsync(Path.Combine(point, "data"), data);
            await TestProgram.RunAsync("umount", point);
            await TestProgram.RunAsync("mount", device, point);
            Assert.Equal(data, await File.ReadAllBytesAsync(Path.Combine(point, "data")));
            long before = file.Allocated;
            File.Delete(Path.Combine(point, "data"));
            await TestProgram.RunAsync("sync", "-f", point);
            await TestProgram.RunAsync("fstrim", point);
            Assert.True(file.Allocated < before - (10 << 20), $"{before} bytes before fstrim, {file.Allocated} after");
            await TestProgram.RunAsync("umount", point);
            await TestProgram.RunAsync("e2fsck", "-fn", device);
        }
        finally
        {
            await TestProgram.TryAsync("umount", point);
            await TestProgram.TryAsync("losetup", "-d", device);
            Directory.Delete(point);
        }
    }

    private static FileStream Open(ServedFile served) => new(served.MountPoint, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
}
