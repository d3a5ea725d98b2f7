using Lofizone.Testing;
using Lofizone.Testing.Fuse;

namespace Lofizone.Fuse.Tests;

/// <summary>The end of a served file, and the requests that the file serves and refuses until then.</summary>
public sealed class EndTests
{
    private const long Length = 32 << 20;

    [Fact]
    public async Task A_cancelled_unmount_leaves_a_file_in_use_served()
    {
        await using ServedFile served = await ServedFile.MountAsync(new MemoryBlockFile(Length));
        await using FileStream stream = Open(served);
        using CancellationTokenSource impatient = new();
        Task unmount = served.Server.UnmountAsync(impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => unmount);
        Assert.Equal(0, stream.ReadByte());
    }

    [Fact]
    public async Task Disposing_aborts_the_connection_when_the_file_stays_in_use()
    {
        ServedFile served = await ServedFile.MountAsync(new MemoryBlockFile(Length), new FuseOptions { DisposeTimeout = TimeSpan.Zero });
        await using FileStream stream = Open(served);
        Assert.Equal(0, stream.ReadByte());
        await served.DisposeAsync();
        Assert.True(served.Server.Completion.IsCompletedSuccessfully);
        Assert.ThrowsAny<IOException>(() => stream.ReadByte());
    }

    [Fact]
    public async Task Aborting_cancels_what_the_store_has_under_way()
    {
        StuckFile file = new(Length);
        ServedFile served = await ServedFile.MountAsync(file, new FuseOptions { DisposeTimeout = TimeSpan.Zero });
        await using FileStream stream = Open(served);
        Task read = Task.Run(() => stream.ReadByte());
        await file.Entered.WaitAsync(TimeSpan.FromSeconds(30));
        await served.DisposeAsync();
        await Assert.ThrowsAnyAsync<IOException>(() => read);
        Assert.Equal(0, served.Server.Statistics.InFlight);
    }

    [Fact]
    public async Task Holes_are_refused_where_the_store_can_not_make_them_and_space_is_never_reserved()
    {
        await using ServedFile served = await ServedFile.MountAsync(new GatedFile(Length, waiters: 1));
        foreach (string[] way in new string[][] { ["-p", "-o", "0", "-l", "8192"], ["-l", "8192"] })
        {
            (int exitCode, _, string error) = await TestProgram.TryAsync("fallocate", [.. way, served.MountPoint]);
            Assert.NotEqual(0, exitCode);
            Assert.Contains("supported", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_zeroed_range_reads_as_zeros()
    {
        MemoryBlockFile file = new(Length);
        await using ServedFile served = await ServedFile.MountAsync(file);
        await using FileStream stream = Open(served);
        stream.Write(Enumerable.Repeat((byte)0xA5, 3 << 20).ToArray());
        await TestProgram.RunAsync("fallocate", "-z", "-n", "-o", "4096", "-l", "2097152", served.MountPoint);
        byte[] read = new byte[3 << 20];
        stream.Position = 0;
        stream.ReadExactly(read);
        Assert.Equal((0xA5, 0, 0, 0xA5), (read[4095], read[4096], read[4096 + 2097151], read[4096 + 2097152]));
        Assert.Equal(1, file.Punches);
    }

    [Fact]
    public async Task Random_writes_of_many_threads_read_back()
    {
        const int threads = 8;
        const int part = (int)(Length / threads);
        await using ServedFile served = await ServedFile.MountAsync(new MemoryBlockFile(Length), new FuseOptions { Threads = 4 });
        await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(() =>
        {
            // Each thread owns a part of the file, and knows the part's content.
            Random random = new(thread);
            byte[] expected = new byte[part];
            using FileStream stream = Open(served);
            for (int round = 0; round < 200; round++)
            {
                int start = random.Next(part);
                int count = random.Next(1, Math.Min(part - start, 300_000) + 1);
                random.NextBytes(expected.AsSpan(start, count));
                stream.Position = (thread * (long)part) + start;
                stream.Write(expected, start, count);
            }

            byte[] read = new byte[part];
            stream.Position = thread * (long)part;
            stream.ReadExactly(read);
            Assert.True(expected.AsSpan().SequenceEqual(read), $"thread {thread}");
        })));
    }

    private static FileStream Open(ServedFile served) => new(served.MountPoint, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
}
