using System.CommandLine;
using System.Text.Json;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Explain;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <c>zone explain NAME</c>: prints the chain from the zone to its server as a tree.
internal static class ExplainCommand
{
    public static Command Create()
    {
        Argument<string> name = new Argument<string>("NAME") { Description = "the zone" }.Checked(ValueChecks.Zone);
        Option<bool> json = new("--json") { Description = "JSON" };
        Command command = new("explain", "show what stands between a zone and the server that stores it") { name, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            Explanation explanation = await new Explainer(ZoneHost.FromEnvironment()).ExplainAsync(parsed.GetValue(name)!, cancellation);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(explanation, OutputJson.Default.Explanation));
            else
                Write(explanation, Console.Out);
            return 0;
        });
        return command;
    }

    internal static void Write(Explanation explanation, TextWriter output)
    {
        int depth = 0;
        foreach (Layer layer in explanation.Layers)
        {
            string indent = depth == 0 ? "" : new string(' ', 3 * (depth - 1)) + Glyphs.OfOutput.Branch;
            string below = new(' ', 3 * depth + 2);
            output.WriteLine($"{indent}{layer.Kind} {SafeText.Line(layer.Name)}");
            if (layer.Facts.Count > 0)
                output.WriteLine(below + string.Join(", ", layer.Facts.Select(f => $"{f.Name} {SafeText.Line(f.Value)}")));
            if (layer.Problem is not null)
                output.WriteLine($"{below}! {SafeText.Line(layer.Problem)}");
            depth++;
        }

        if (explanation.Slowest is { } slowest)
            output.WriteLine($"slowest: {slowest}");
    }
}
