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
        {
            output.WriteLine();
            output.WriteLine($"{"fio on ext4 on a loop device on NFS",-36} {"lofizone",12} {"qemu-storage-d.",16} {"ratio",7}");
            foreach (Comparison row in figures.Io)
                output.WriteLine(FormattableString.Invariant(
                    $"{row.Row + ", " + row.Unit,-36} {Statistics.Median(row.Ours),12:0} {Statistics.Median(row.Peer),16:0} {row.Ratio,7:0.00}"));
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

    public static void Write(Figures figures, string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        File.WriteAllText(file, JsonSerializer.Serialize(figures, FiguresJson.Default.Figures) + "\n");
    }
}
