using Lofizone.Cli;

(string program, string[] arguments) = Personality.Of(Environment.GetCommandLineArgs()[0], args);
if (program == Personality.Own && HiddenVerbs.Find(arguments) is { } role)
    return await role(arguments[1..]);
return await Personality.RunAsync(program, arguments);
