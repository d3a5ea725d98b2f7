using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Config;
using Lofizone.Images;
using Lofizone.Shares;

namespace Lofizone.Cli.Solaris;

/// <summary><c>mkfile [-n] SIZE FILE…</c>, as in mkfile(8); a file may be on a share: nfs://SERVER/path.</summary>
internal static class MkfileCommand
{
    public static RootCommand Create()
    {
        Option<bool> empty = new("-n") { Description = "sparse: the size is noted, no block is allocated until it is written" };
        Option<bool> verbose = new("-v") { Description = "say what was made" };
        Argument<string> size = new Argument<string>("SIZE") { Description = ByteSize.Forms }.Checked(ValueChecks.Size);
        Argument<string[]> files = new Argument<string[]>("FILE")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "a path or nfs://SERVER/path",
        }
            .Checked(ValueChecks.File);
        RootCommand root = new("make a file of a given size") { empty, verbose, size, files };
        root.SetAction(async (parsed, cancellation) =>
        {
            long bytes = SizeText.Parse(parsed.GetValue(size)!);
            ConsoleReporter reporter = new(TimeProvider.System);
            foreach (string file in parsed.GetValue(files)!)
            {
                ShareUri uri = ShareUri.Parse(ValueChecks.AbsoluteFile(file));
                await MakeFile.MakeAsync(
                    OpenShares.OfCommand.OpenAsync, uri, bytes, sparse: parsed.GetValue(empty), reporter, cancellation);
                if (parsed.GetValue(verbose))
                    reporter.Line($"{file} {bytes} bytes");
            }

            return 0;
        });
        return root;
    }
}
