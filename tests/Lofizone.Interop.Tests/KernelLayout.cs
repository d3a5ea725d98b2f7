using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Lofizone.Interop.Tests;

/// <summary>Sizes and offsets of C structs according to this machine's C compiler, which is asked once for all rows of the table.</summary>
public sealed class KernelLayout
{
    private readonly Dictionary<string, int> _sizes = [];
    private readonly Dictionary<(string Type, string Field), int> _offsets = [];

    public KernelLayout()
    {
        var directory = Directory.CreateTempSubdirectory("lofizone-layout-");
        try
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, "layout.c"), Path.Combine(directory.FullName, "layout.c"));
            File.WriteAllText(Path.Combine(directory.FullName, "rows.h"), Rows());
            var program = Path.Combine(directory.FullName, "layout");
            Run("cc", "-Wall", "-Werror", "-o", program, Path.Combine(directory.FullName, "layout.c"));
            foreach (var line in Run(program).Split('\n', StringSplitOptions.RemoveEmptyEntries))
                Parse(line);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>Bytes of the C type, spelled as in C ("struct fuse_in_header").</summary>
    public int Size(string type) => _sizes[type];

    /// <summary>Bytes from the start of the C type to the field.</summary>
    public int Offset(string type, string field) => _offsets[(type, field)];

    private static string Rows()
    {
        var rows = new StringBuilder();
        foreach (var row in StructTable.Rows)
        {
            rows.Append(CultureInfo.InvariantCulture, $"SIZE({row.KernelType})\n");
            foreach (var (_, kernel) in row.Fields)
                rows.Append(CultureInfo.InvariantCulture, $"OFFSET({row.KernelType}, {kernel})\n");
        }

        return rows.ToString();
    }

    private void Parse(string line)
    {
        // The type may contain a space ("struct flock"), so the words are taken from both ends.
        var words = line.Split(' ');
        var number = int.Parse(words[^1], CultureInfo.InvariantCulture);
        if (words[0] == "size")
            _sizes[string.Join(' ', words[1..^1])] = number;
        else
            _offsets[(string.Join(' ', words[1..^2]), words[^2])] = number;
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program}: {errors.Result}");
    }
}
