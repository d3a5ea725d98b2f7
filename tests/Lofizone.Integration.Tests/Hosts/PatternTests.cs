using Lofizone.Interop;
using Xunit.Sdk;

namespace Lofizone.Integration.Tests.Hosts;

/// <summary>Tests of the checks: the pattern's checks find each kind of damage that the tests of this folder look for.</summary>
public sealed class PatternTests : IDisposable
{
    private const int Blocks = 256;

    private readonly string _directory = Directory.CreateTempSubdirectory("lofizone-pattern-").FullName;

    private string FileName => Path.Combine(_directory, "pattern");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task What_writers_leave_one_after_the_other_passes()
    {
        PatternWriter first = await WriteAsync('A');
        BlockPattern?[] taken = PatternFile.Read(FileName, Blocks);
        first.AssertNothingLost(taken);
        PatternWriter second = await WriteAsync('B');
        second.AssertNobodyElseWrote(taken, PatternFile.Read(FileName, Blocks));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Blocks - 1)]
    public async Task A_write_of_the_old_owner_that_arrives_late_is_found(int block)
    {
        await WriteAsync('A');
        BlockPattern?[] taken = PatternFile.Read(FileName, Blocks);
        PatternWriter second = await WriteAsync('B');
        Overwrite(block, new BlockPattern('A', block, long.MaxValue), BlockPattern.Bytes);
        Assert.ThrowsAny<XunitException>(() => second.AssertNobodyElseWrote(taken, PatternFile.Read(FileName, Blocks)));
    }

    [Fact]
    public async Task A_flushed_write_that_is_lost_is_found()
    {
        PatternWriter writer = await WriteAsync('A');
        BlockPattern last = PatternFile.Read(FileName, Blocks).OfType<BlockPattern>().First(b => b.Generation > 0);
        Overwrite(last.Block, last with { Generation = last.Generation - 1 }, BlockPattern.Bytes);
        Assert.ThrowsAny<XunitException>(() => writer.AssertKept(PatternFile.Read(FileName, Blocks)));
    }

    [Fact]
    public async Task A_torn_block_and_one_in_another_place_are_found()
    {
        await WriteAsync('A');
        Overwrite(7, new BlockPattern('B', 7, 1), BlockPattern.Bytes / 2);
        Assert.ThrowsAny<XunitException>(() => PatternFile.Read(FileName, Blocks));
        Overwrite(7, new BlockPattern('B', 8, 1), BlockPattern.Bytes);
        Assert.ThrowsAny<XunitException>(() => PatternFile.Read(FileName, Blocks));
    }

    /// <summary>A fills a new file and writes to all of it. Each other writer writes to the first half.</summary>
    private async Task<PatternWriter> WriteAsync(char owner)
    {
        if (!File.Exists(FileName))
            PatternFile.Fill(FileName, owner, Blocks);
        PatternWriter writer = await PatternWriter.StartAsync(FileName, owner, 0, owner == 'A' ? Blocks : Blocks / 2);
        await writer.StopAsync();
        return writer;
    }

    private void Overwrite(int block, BlockPattern pattern, int bytes)
    {
        byte[] content = new byte[BlockPattern.Bytes];
        pattern.Write(content);
        using FileDescriptor file = Files.Open(FileName, OpenFlags.WriteOnly);
        FileContent.Write(file, content.AsSpan(0, bytes), (long)block * BlockPattern.Bytes);
    }
}
