using System.CommandLine;
using System.Text.Json;
using Lofizone.Cli.Output;
using Lofizone.Doctor;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <c>zone doctor NAME|URI|DEVICE</c>: explains why an image can't be mounted, and names the remedy.
internal static class DoctorCommand
{
    public static Command Create()
    {
        Argument<string> target = new("NAME|URI|DEVICE")
        {
            Description = "a zone; an image, or a zone's directory, on a share; a block device",
        };
        Option<bool> full = new("--full")
        {
            Description = "have the file system's checker read all metadata (changes nothing; may take minutes)",
        };
        Option<bool> json = new("--json") { Description = "JSON" };
        Command command = new("doctor", "find out why an image can't be mounted and what mends it; changes nothing") { target, full, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            string name = parsed.GetValue(target)!;
            Root.Require($"doctor {name}");
            Diagnosis diagnosis = await new ZoneDoctor(ZoneHost.FromEnvironment()).ExamineAsync(name, parsed.GetValue(full), cancellation);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(diagnosis, OutputJson.Default.Diagnosis));
            else
                Write(diagnosis, Console.Out);
            return diagnosis.IsSound ? 0 : Failure.ExitFailure;
        });
        return command;
    }

    internal static void Write(Diagnosis diagnosis, TextWriter output)
    {
        foreach (Finding finding in diagnosis.Findings)
        {
            output.WriteLine($"{finding.Severity.ToString().ToLowerInvariant(),-5} {SafeText.Line(finding.What)}");
            if (finding.Mend is { } mend)
                output.WriteLine($"      -> {SafeText.Line(mend)}");
        }
    }
}
