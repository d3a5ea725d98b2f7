using System.Text.Json;

namespace Lofizone.Bench;

/// <summary>Prints the figures for people and writes them for programs.</summary>
public static class Report
{
    public static void Print(Figures figures, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine(figures.Machine);
        if (figures.Io.Count > 0)
            PrintIo(figures, output);

        if (figures.SmallFiles is { } files)
        {
            output.WriteLine();
            output.WriteLine(FormattableString.Invariant(
                $"unpacking a Debian root of {files.Files} files: {Statistics.Median(files.Image):0}/s into the image, {Statistics.Median(files.Direct):0}/s into the share through libnfs, ratio {files.Ratio:0.0}"));
        }

        if (figures.Times.Count > 0)
        {
            output.WriteLine();
            output.WriteLine($"{"command",-56} {"median ms",10} {"least",8} {"most",8}");
            foreach (Timing time in figures.Times)
                output.WriteLine(FormattableString.Invariant(
                    $"{time.What,-56} {Statistics.Median(time.Milliseconds),10:0.0} {time.Milliseconds.Min(),8:0.0} {time.Milliseconds.Max(),8:0.0}"));
        }
    }

    private static void PrintIo(Figures figures, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("medians; fio on ext4 on a loop device on NFS; server alone and ceiling as docs/performance.md says; limit = 1/(1/server + 1/ceiling)");
        output.WriteLine($"{"row",-26} {"lofizone",9} {"qemu",9} {"server",9} {"ceiling",9} {"limit",9} {"of limit",9} {"of qemu",8} {"s/GiB",7} {"qemu's",7} {"ratio",6}");
        foreach (IoFigures row in figures.Io)
            output.WriteLine(FormattableString.Invariant(
                $"{row.Row + ", " + row.Unit,-26} {Statistics.Median(row.Ours),9:0} {Statistics.Median(row.Peer),9:0} {row.Server,9:0} {Statistics.Median(row.Ceiling),9:0} {row.SeriesLimit,9:0} {row.OfLimit,9:0.00} {row.OfPeer,8:0.00} {Statistics.Median(row.OursCpu),7:0.00} {Statistics.Median(row.PeerCpu),7:0.00} {row.CpuOfPeer,6:0.00}"));
        if (figures.Memory is { } memory)
            output.WriteLine(FormattableString.Invariant($"engine's resident memory: idle {memory.IdleKiB / 1024.0:0.0} MiB, most {memory.PeakKiB / 1024.0:0.0} MiB"));
    }

    public static void Write(Figures figures, string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        File.WriteAllText(file, JsonSerializer.Serialize(figures, FiguresJson.Default.Figures) + "\n");
    }
}
