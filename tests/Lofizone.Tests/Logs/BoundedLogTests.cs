using Lofizone.Logs;
using Microsoft.Extensions.Time.Testing;

namespace Lofizone.Tests.Logs;

public sealed class BoundedLogTests : IDisposable
{
    private readonly TemporaryHost _host = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    private string File => Path.Combine(_host.Paths.Log, "web", "settle.log");

    public void Dispose() => _host.Dispose();

    [Fact]
    public void However_much_is_written_by_however_many_two_files_of_the_limit_are_kept_and_the_last_lines_are_in_them()
    {
        string line = new('x', 10_000);
        BoundedLog[] writers = [.. Enumerable.Range(0, 4).Select(_ => new BoundedLog(File, "web", _clock))];
        Parallel.For(0, 1000, i => Assert.True(writers[i % writers.Length].Add($"{i} {line}", LogPriority.Information)));
        writers[0].Add("the last", LogPriority.Information);

        FileInfo[] files = new DirectoryInfo(Path.GetDirectoryName(File)!).GetFiles();
        Assert.Equal(["settle.log", "settle.log.1"], files.Select(f => f.Name).Order());
        // Writers that have begun a line when a file is put aside finish the line in that file.
        Assert.All(files, f => Assert.InRange(f.Length, 1, BoundedLog.LimitBytes + 5 * HostLogWriter.LimitCharacters));
        Assert.Equal("2026-01-02T03:04:05.000Z zone web: the last", System.IO.File.ReadLines(File).Last());
    }

    [Fact]
    public void A_line_that_is_too_long_is_cut_and_one_with_line_ends_stays_one()
    {
        using BoundedLog log = new(File, null, _clock);
        log.Add(new string('y', 10 * HostLogWriter.LimitCharacters), LogPriority.Information);
        log.Add("a\nZONE=forged", LogPriority.Warning);
        string[] lines = System.IO.File.ReadAllLines(File);
        Assert.Equal(2, lines.Length);
        Assert.InRange(lines[0].Length, 1, HostLogWriter.LimitCharacters + 40);
        Assert.Equal("2026-01-02T03:04:05.000Z warning: a ZONE=forged", lines[1]);
    }

    [Fact]
    public void A_log_that_can_not_be_written_is_told_and_stops_nothing()
    {
        Directory.CreateDirectory(_host.Paths.Log);
        System.IO.File.WriteAllText(Path.GetDirectoryName(File)!, "in the way");
        using BoundedLog log = new(File, "web", _clock);
        Assert.False(log.Add("not stored", LogPriority.Information));
        log.WriteLine("nor this");
    }

    [Fact]
    public void A_symbolic_link_in_the_place_of_a_log_is_not_followed()
    {
        string elsewhere = Path.Combine(_host.Paths.Root, "elsewhere");
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.CreateSymbolicLink(File, elsewhere);
        Assert.False(new BoundedLog(File, "web", _clock).Add("not stored", LogPriority.Information));
        Assert.False(System.IO.File.Exists(elsewhere));
    }
}
